"""From settings to how officers and holders are known: by tokens of one issuer."""

from __future__ import annotations

from api.authentication import ClaimNames
from api.oidc import BearerTokens, IssuerKeys, TokenRules, fetch_with_limits
from api.oidc_login import LoginRules, OidcLogin
from api.settings import Settings
from api.wiring import clock


def claim_names_of(settings: Settings) -> ClaimNames:
    """Return which claims say who somebody is."""
    oidc = settings.oidc
    return ClaimNames(
        oidc.role_claim,
        oidc.organisation_claim,
        oidc.document_type_claim,
        oidc.document_number_claim,
    )


def people_of(settings: Settings) -> BearerTokens | None:
    """Return what judges the bearer tokens of officers and holders; None: nobody can log in."""
    oidc, url = settings.oidc, settings.jwks_url
    if oidc.issuer is None or url is None:
        return None
    rules = TokenRules(
        oidc.issuer,
        oidc.audience,
        oidc.algorithms,
        oidc.leeway_seconds,
        oidc.max_lifetime_seconds,
    )
    fetch = fetch_with_limits(oidc.fetch_timeout_seconds)
    keys = IssuerKeys(url, fetch, clock, oidc.jwks_cache_seconds, oidc.jwks_pause_seconds)
    return BearerTokens(rules, keys, clock)


def login_of(settings: Settings, people: BearerTokens | None) -> OidcLogin | None:
    """Return what logs people in on the pages; None: nobody can."""
    oidc = settings.oidc
    if people is None or oidc.issuer is None:
        return None
    secret = oidc.client_secret.get_secret_value() if oidc.client_secret else None
    rules = LoginRules(
        oidc.issuer,
        oidc.client_id or oidc.audience,
        secret,
        f"{settings.public_url}/login/callback",
        oidc.fetch_timeout_seconds,
    )
    return OidcLogin(rules, people, fetch_with_limits(oidc.fetch_timeout_seconds), clock)
