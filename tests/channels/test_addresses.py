"""An address that cannot work is refused where it is written down, in words."""

from __future__ import annotations

import pytest

from tocsin.channels import browser, email, ntfy, webhook

GOOD = {
    webhook: ["https://example.org/hook", "http://127.0.0.1:9009/ada", "http://[::1]:8080/", "https://例子.example/钩"],
    email: ["ada@example.org", "ada.b+pager@mail.example.org", "ada@localhost", "o'hara@example.org"],
    ntfy: ["my-topic", "https://ntfy.sh/my_topic", "http://10.0.0.1:2586/t", "a" * 64],
    browser: ["ada", "ada-phone", "艾达"],
}
BAD = {
    webhook: [
        "", "example.org/hook", "ftp://example.org/", "https://", "https:///path", "https://exa mple.org/",
        "https://example.org/\r\nX-Evil: 1", "https://example.org:port/", "https://example.org:99999/", "http://[::1",
        "javascript:alert(1)",
    ],
    email: [
        "", "ada", "@example.org", "ada@", "ada @example.org", "Ada <ada@example.org>", "ada@example.org, b@c.org",
        "ada@example.org\r\nBcc: b@c.org", "ada@exam..ple.org", ".ada@example.org", "ada@b@example.org",
        f"{'a' * 65}@example.org", f"a@{'b' * 260}.org",
    ],
    ntfy: [
        "", "my topic", "a" * 65, "https://ntfy.sh/", "https://ntfy.sh", "ntfy.sh/topic", "https://ntfy.sh/topic?auth=x",
        "https://ntfy.sh/a.b", "ftp://ntfy.sh/topic", "topic\n", "https://localhost", "https://ntfy.sh/topic#x",
        "[", "a:b",
    ],
    browser: ["", "two words", "a/b", "ada\n"],
}  # fmt: skip


@pytest.mark.parametrize(("channel", "address"), [(one, address) for one, all_ in GOOD.items() for address in all_])
def test_a_good_address_is_taken(channel: object, address: str) -> None:
    """What people really write is accepted."""
    assert channel.CHANNEL.check_address(address) is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(("channel", "address"), [(one, address) for one, all_ in BAD.items() for address in all_])
def test_a_bad_address_is_refused_in_words(channel: object, address: str) -> None:
    """What cannot be called, or would call somebody else, is answered by a plain sentence."""
    sentence = channel.CHANNEL.check_address(address)  # type: ignore[attr-defined]
    assert sentence
    assert sentence[0].islower()
    assert not sentence.endswith((".", "!"))
