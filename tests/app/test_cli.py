"""The command line as somebody types it: exit codes, one JSON document, plain sentences, configuration as code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from app.conftest import PROGRAM, ROOT, Terminal
from served import ADMIN, Served, Sink

Typed = Callable[..., subprocess.CompletedProcess[str]]

MINIMAL = str(ROOT / "examples" / "minimal.yaml")
KEYS = {f"TOCSIN_KEY_{name}": f"key-{name}-{'0' * 16}" for name in ("NATIVE", "OPSGENIE", "PAGERDUTY", "PROMETHEUS")}

OFFICE = """
tocsin: 1
users: [{name: ada, role: admin, contacts: [{name: hook, channel: webhook, address: "http://127.0.0.1:9/a"}]}]
teams: [{name: ops, members: [ada]}]
schedules:
  - name: office
    time_zone: UTC
    layers:
      - name: monday
        rotation: {every: 1 week, from: "2026-01-05T09:00", people: [ada]}
        only: [{days: [mon], between: ["09:00", "17:00"]}]
policies: [{name: climb, steps: [{page: [{schedule: office}]}]}]
services: [{name: web, team: ops, policy: climb}]
"""

MISTAKEN = """tocsin: 1
users:
  - {name: ada, emial: a@example.org, time_zone: Europe/Berln, role: admin}
teams: [{name: ops, members: [adda]}]
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running server, for the commands that attach to one."""
    sink = Sink()
    server = Served(tmp_path_factory.mktemp("served"), sink=sink.port)
    server.start()
    yield server
    server.kill(15)
    sink.close()


@pytest.fixture
def beside(served: Served) -> Terminal:
    """A terminal whose commands find the running server."""
    return Terminal(folder=served.folder, environment={"TOCSIN_DATA": "data", "TOCSIN_SECRET_KEY": "k" * 43, **KEYS})


def plain(answer: subprocess.CompletedProcess[str], code: int) -> str:
    """What a failed command said: nothing on its standard output, and no traceback."""
    assert answer.returncode == code, answer
    assert not answer.stdout
    assert "Traceback" not in answer.stderr
    return answer.stderr


def document(answer: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, object]:
    """The one JSON document that a command has printed."""
    assert answer.returncode == code, answer
    found = json.loads(answer.stdout)
    assert isinstance(found, dict)
    return found


def test_without_a_command_help_is_given(terminal: Terminal) -> None:
    """Who types `tocsin` alone is shown the commands, and has done nothing wrong."""
    answer = terminal.run()
    assert (answer.returncode, answer.stderr) == (0, "")
    assert all(name in answer.stdout for name in ("demo", "serve", "apply", "schedule", "doctor"))


def test_version_is_printed(typed: Typed) -> None:
    """`tocsin version` is the version and nothing else."""
    assert typed("version").stdout == f"{version('tocsin')}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("serv",), "Did you mean 'serve'?"),
        (("serve", "--port", "abc"), "'--port'"),
        (("demo", "--port", "70000"), "'--port'"),
        (("oncall", "--nope"), "--nope"),
        (("apply",), "'PATH'"),
        (("bench", "nope"), "ingest"),
    ],
)
def test_bad_words_are_answered_plainly(typed: Typed, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    """Whatever cannot be meant ends with 2 and a sentence that names it."""
    assert told in plain(typed(*words), 2)
    assert list(tmp_path.iterdir()) == []


def test_configuration_is_coded_without_a_server(terminal: Terminal) -> None:
    """Planned, applied, exported and applied again on a folder of its own: the second time nothing changes."""
    terminal.environment |= KEYS
    assert "+ user ada" in terminal.run("plan", MINIMAL).stdout
    assert "changes made." in terminal.run("apply", MINIMAL).stdout
    assert "out/users.yaml" in terminal.run("export", "out").stdout
    assert "Nothing to change" in terminal.run("apply", "out").stdout


def test_what_export_prints_can_be_applied(beside: Terminal) -> None:
    """Printed into one file, the export is one document that says what is in force."""
    beside.write("all.yaml", beside.run("export").stdout)
    assert document(beside.run("apply", "all.yaml", "--json")) == {"changes": []}


def test_running_server_hears_of_an_apply_at_once(beside: Terminal, served: Served) -> None:
    """What is applied beside a running server holds in it by the time the command has ended, or a second later."""
    beside.write("more.yaml", OFFICE.replace("ada", "grace").replace("ops", "more").replace("climb", "more"))
    made = document(beside.run("apply", "more.yaml", "--json"))
    assert {"kind": "schedule", "name": "office", "verb": "create", "fields": []} in made["changes"]  # type: ignore[operator]
    path = "/api/v1/oncall?schedule=office&at=2026-01-05T10:00:00Z"
    status, answer = served.call("GET", path, bearer=ADMIN)
    assert status == 200, answer
    assert answer["schedules"][0]["people"] == ["grace"]


def test_mistakes_name_their_place_and_change_nothing(beside: Terminal, served: Served) -> None:
    """File, line, column, field and the nearest name, once each; what holds stays."""
    before = beside.run("export").stdout
    beside.write("bad.yaml", MISTAKEN)
    told = plain(beside.run("apply", "bad.yaml"), 2).splitlines()
    assert told == [
        "bad.yaml:3:17: users[0].emial: unknown field (did you mean 'email'?)",
        "bad.yaml:3:50: users[0].time_zone: unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)",
        "bad.yaml:4:31: teams[0].members[0]: unknown user 'adda' (did you mean 'ada'?)",
    ]
    assert beside.run("export").stdout == before


def test_reader_who_leaves_is_no_trouble(beside: Terminal) -> None:
    """`tocsin export | head -1` ends without a word, and with 0."""
    environment = beside._all({})
    program = [*PROGRAM, "export"]
    process = subprocess.Popen(
        program, cwd=beside.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait(30)) == (b"", 0)
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk at hand")
def test_answer_that_cannot_be_written_is_not_done(beside: Terminal) -> None:
    """On a full disk the command says so, and does not claim to have succeeded."""
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            [*PROGRAM, "export"],
            cwd=beside.folder,
            env=beside._all({}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (answer.returncode, answer.stderr) == (3, "The output cannot be written: No space left on device.\n")


def test_offline_check_needs_no_variables(terminal: Terminal) -> None:
    """A configuration can be checked where its secrets are not known, and leaves no data behind."""
    answer = terminal.run("check", MINIMAL)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "reaches somebody" in answer.stdout
    assert list(terminal.folder.iterdir()) == []


def test_check_finds_gaps(terminal: Terminal) -> None:
    """A rota with holes is the answer "no", with when and why."""
    terminal.write("office.yaml", OFFICE)
    gaps = document(terminal.run("check", "office.yaml", "--days", "8", "--json"), 1)["gaps"]
    assert isinstance(gaps, list)
    assert {(gap["service"], gap["reason"]) for gap in gaps} == {("web", "nobody_on_call")}
    assert {"from", "to", "step", "policy", "reason", "severe"} < set(gaps[0])


def test_oncall_tells_who(beside: Terminal, served: Served) -> None:
    """The contract's shape, "no" where nobody is, and the nearest name where there is none such."""
    beside.write("desk.yaml", OFFICE.replace("office", "desk").replace("name: web,", "name: help,"))
    assert beside.run("apply", "desk.yaml").returncode == 0
    assert document(beside.run("oncall", "desk", "--at", "2026-01-05T11:00:00+01:00", "--json")) == {
        "at": "2026-01-05T10:00:00Z",
        "schedules": [
            {
                "schedule": "desk",
                "people": ["ada"],
                "source": "monday",
                "until": "2026-01-05T17:00:00Z",
                "reason": None,
                "next": None,
            }
        ],
    }
    nobody = beside.run("oncall", "desk", "--at", "2026-01-06T10:00:00Z")
    assert (nobody.returncode, "nobody" in nobody.stdout) == (1, True)
    assert "did you mean 'desk'?" in plain(beside.run("oncall", "dek"), 2)


def test_doctor_answers_no_when_something_is_wrong(beside: Terminal) -> None:
    """Doctor's JSON is one document; its exit code is its verdict."""
    answer = beside.run("doctor", "--json")
    found = json.loads(answer.stdout)
    assert answer.returncode == (0 if found["well"] else 1)
    assert {value["name"]: value["origin"] for value in found["settings"]}["data"] == "environment TOCSIN_DATA"


def rendered(typed: Typed, form: str, begins: str = "2026-01-05", ends: str = "2026-01-06") -> str:
    words = ("schedule", "render", MINIMAL, "--schedule", "data-primary", "--from", begins, "--to", ends)
    answer = typed(*words, "--format", form)
    return answer.stdout if answer.returncode == 0 else plain(answer, 2)


def test_schedule_is_rendered_offline_as_json(typed: Typed, tmp_path: Path) -> None:
    """The contract's shape, clipped to the window, without variables and without a trace."""
    assert json.loads(rendered(typed, "json", "2026-01-05T07:30:00Z")) == {
        "schedule": "data-primary",
        "from": "2026-01-05T07:30:00Z",
        "to": "2026-01-05T23:00:00Z",
        "shifts": [
            {"start": "2026-01-05T08:00:00Z", "end": "2026-01-05T21:00:00Z", "people": ["ada"], "source": "weekly"},
            {"start": "2026-01-05T21:00:00Z", "end": "2026-01-05T23:00:00Z", "people": ["linus"], "source": "nights"},
        ],
        "gaps": [{"start": "2026-01-05T07:30:00Z", "end": "2026-01-05T08:00:00Z"}],
        "vacancies": [{"start": "2026-01-05T07:30:00Z", "end": "2026-01-05T08:00:00Z", "reason": "no_layer"}],
    }
    assert list(tmp_path.iterdir()) == []


def test_schedule_is_rendered_as_calendar_and_text(typed: Typed) -> None:
    """The same for a calendar and for a reader."""
    assert rendered(typed, "ics").count("BEGIN:VEVENT") == 2
    assert "Europe/Berlin" in rendered(typed, "text")


@pytest.mark.parametrize(
    ("form", "begins", "ends", "told"),
    [
        ("csv", "2026-01-05", "2026-01-06", "json, ics, text, timeline, svg"),
        ("json", "2026-13-05", "2026-01-06", "write 2026-"),
        ("json", "2026-01-05", "2026-01-05", "later than --from"),
    ],
)
def test_bad_window_or_format_is_refused(typed: Typed, form: str, begins: str, ends: str, told: str) -> None:
    """What cannot be rendered ends with 2 and a hint."""
    assert told in rendered(typed, form, begins, ends)
