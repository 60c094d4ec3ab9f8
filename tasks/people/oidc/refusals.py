"""Why a sign-in at an identity provider does not lead in."""

from __future__ import annotations

from engine.errors import RedressError, TooBusy


class ProviderUnavailable(TooBusy):
    """The identity provider does not answer as it must; local sign-in still works."""


class SignInRefused(RedressError):
    """What came back from the identity provider does not prove who somebody is."""


class NoAccount(RedressError):
    """The identity is proven, but nobody here is linked with it."""


def unavailable(name: str, why: str) -> ProviderUnavailable:
    """`why` follows the name in a sentence, such as `did not answer within 5 seconds`."""
    return ProviderUnavailable(
        f"Signing in with {name} was asked for; the provider {why}.",
        message_zh=f"统一认证“{name}”暂时不可用，请稍后再试，或用本地账号登录。",
    )


def refused(name: str, why: str) -> SignInRefused:
    """`why` is the second half of the sentence."""
    return SignInRefused(
        f"Signing in with {name} was asked for; {why}: begin again.",
        message_zh="统一认证没有完成，请重新登录。",
    )
