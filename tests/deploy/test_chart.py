"""The Helm chart, linted and rendered by Helm: what it makes of its values, and which values it refuses."""

from __future__ import annotations

import json
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.conftest import DEPLOY, program, said
from tocsin.app.node import DRAIN_SECONDS, MESSAGES_DRAIN_SECONDS

CHART = DEPLOY / "helm" / "tocsin"
NEEDED: dict[str, Any] = {"publicUrl": "https://pager.example.org", "secret": {"name": "kept"}}
HELM = "python tests/deploy/get_helm.py"


class Rendered:
    """The objects that Helm makes of values."""

    def __init__(self, folder: Path, values: dict[str, Any]) -> None:
        file = folder / "values.yaml"
        file.write_text(yaml.safe_dump(NEEDED | values))
        words = [program("helm", HELM), "template", "pager", CHART, "--namespace", "ops", "--values", file]
        self.answer = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        self.objects = (
            [one for one in yaml.safe_load_all(self.answer.stdout) if one] if not self.answer.returncode else []
        )

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Those of a kind."""
        return [one for one in self.objects if one["kind"] == kind]


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    """The one container of a deployment's pods."""
    [found] = deployment["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def test_chart_is_of_this_version() -> None:
    """The chart runs the Tocsin that it lies beside."""
    told = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert told["appVersion"] == version("tocsin")


def test_schema_names_every_value() -> None:
    """A value without a schema would take any nonsense; a schema without a value would have no default."""

    def keys(value: Any, schema: dict[str, Any], path: str = "") -> None:
        properties = schema.get("properties")
        if properties is None:
            return
        assert set(value) == set(properties) - {"global"}, path
        for name in value:
            keys(value[name], properties[name], f"{path}.{name}") if isinstance(value[name], dict) else None

    keys(yaml.safe_load((CHART / "values.yaml").read_text()), json.loads((CHART / "values.schema.json").read_text()))


def test_lint_finds_nothing(tmp_path: Path) -> None:
    """Helm's own check, strictly."""
    (tmp_path / "values.yaml").write_text(yaml.safe_dump(NEEDED))
    told = said(program("helm", HELM), "lint", "--strict", CHART, "--values", tmp_path / "values.yaml")
    assert "0 chart(s) failed" in told
    assert "[WARNING]" not in told


def test_usual_is_two_equal_nodes(tmp_path: Path) -> None:
    """Two nodes, apart from each other, that never stop at once and end their calls before they are killed."""
    rendered = Rendered(tmp_path, {})
    [deployment] = rendered.of("Deployment")
    pod = deployment["spec"]["template"]["spec"]
    assert deployment["spec"]["replicas"] == 2
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert container(deployment)["args"] == ["serve", "--role=all"]
    assert {one["topologyKey"] for one in pod["topologySpreadConstraints"]} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    [budget] = rendered.of("PodDisruptionBudget")
    assert budget["spec"]["minAvailable"] == 1
    goodbye = int(container(deployment)["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > goodbye + DRAIN_SECONDS + MESSAGES_DRAIN_SECONDS + 3


def test_node_is_closed_and_probed(tmp_path: Path) -> None:
    """No root, no rights, nothing to write but its two folders; readiness by the database, life by the node alone."""
    [deployment] = Rendered(tmp_path, {}).of("Deployment")
    node, pod = container(deployment), deployment["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert node["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {mount["mountPath"] for mount in node["volumeMounts"]} == {"/data", "/tmp"}
    assert node["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert node["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_secrets_come_from_a_secret(tmp_path: Path) -> None:
    """Neither the database's address nor the key stands in any object; both come from the Secret that is named."""
    [deployment] = Rendered(tmp_path, {"secret": {"name": "kept", "adminTokenKey": "token"}}).of("Deployment")
    found = {one["name"]: one.get("valueFrom", {}).get("secretKeyRef") for one in container(deployment)["env"]}
    assert {name: where for name, where in found.items() if where} == {
        "TOCSIN_DATABASE_URL": {"name": "kept", "key": "database-url"},
        "TOCSIN_SECRET_KEY": {"name": "kept", "key": "secret-key"},
        "TOCSIN_ADMIN_TOKEN": {"name": "kept", "key": "token"},
    }


def test_roles_are_separated(tmp_path: Path) -> None:
    """Web nodes and workers are deployments of their own; the service reaches those that answer, the metrics all."""
    roles = {"all": {"replicas": 0}, "web": {"replicas": 3}, "worker": {"replicas": 2}}
    rendered = Rendered(tmp_path, {"roles": roles, "podMonitor": {"enabled": True}})
    pods = {
        container(one)["args"][1]: one["spec"]["template"]["metadata"]["labels"] for one in rendered.of("Deployment")
    }
    assert set(pods) == {"--role=web", "--role=worker"}
    [service], [monitor] = rendered.of("Service"), rendered.of("PodMonitor")
    for role, labels in pods.items():
        assert (service["spec"]["selector"].items() <= labels.items()) is (role == "--role=web")
        assert monitor["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert len(rendered.of("PodDisruptionBudget")) == 2


def test_configuration_is_applied_at_the_start(tmp_path: Path) -> None:
    """Settings and configuration are files of the node, and a change of them starts the nodes anew."""
    values = {"settings": '[channels.email]\nhost = "mail"\n', "configuration": {"a.yaml": "tocsin: 1\n"}}
    rendered = Rendered(tmp_path, values)
    [deployment] = rendered.of("Deployment")
    assert container(deployment)["args"][-1] == "--config=/etc/tocsin/configuration"
    assert {one["metadata"]["name"]: one["data"] for one in rendered.of("ConfigMap")} == {
        "pager-tocsin-settings": {"tocsin.toml": values["settings"]},
        "pager-tocsin-configuration": values["configuration"],
    }
    [other] = Rendered(tmp_path, values | {"settings": ""}).of("Deployment")
    template = "template"
    before, after = deployment["spec"][template]["metadata"], other["spec"][template]["metadata"]
    assert before["annotations"]["tocsin/settings"] != after["annotations"]["tocsin/settings"]


def test_doors_are_optional(tmp_path: Path) -> None:
    """Without words there is no ingress and no policy; with them they lead to the service and let in who is named."""
    assert {one["kind"] for one in Rendered(tmp_path, {}).objects} == {
        "Deployment",
        "Service",
        "ServiceAccount",
        "PodDisruptionBudget",
    }
    ingress = {"enabled": True, "host": "pager.example.org", "tlsSecret": "cert", "className": "nginx"}
    policy = {"enabled": True, "from": [{"namespaceSelector": {}}]}
    rendered = Rendered(tmp_path, {"ingress": ingress, "networkPolicy": policy})
    [door], [service] = rendered.of("Ingress"), rendered.of("Service")
    backend = door["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": service["metadata"]["name"], "port": {"name": "http"}}
    assert rendered.of("NetworkPolicy")[0]["spec"]["ingress"][0]["from"] == policy["from"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"publicUrl": "pager.example.org"}, "publicUrl"),
        ({"secret": {"name": ""}}, "name"),
        ({"replicas": 3}, "replicas"),
        ({"ingress": {"enabled": True}}, "host"),
        ({"roles": {"all": {"replicas": 0}, "web": {"replicas": 1}}}, "nobody would page"),
        ({"roles": {"all": {"replicas": 0}, "worker": {"replicas": 1}}}, "nobody would answer"),
        ({"roles": {"all": {"replicas": 0}}}, "nothing would run"),
    ],
)
def test_bad_values_are_refused(values: dict[str, Any], told: str, tmp_path: Path) -> None:
    """What would make no pager is refused before anything is made, with the name of the value."""
    rendered = Rendered(tmp_path, values)
    assert rendered.answer.returncode == 1
    assert told in rendered.answer.stderr
