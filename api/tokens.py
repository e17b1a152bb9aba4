"""POST /v1/oauth2/token: a client's credentials for an access token (RFC 6749, 4.4)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Header, Response
from pydantic import BaseModel, Field

from api.authentication import client_credentials, read_scopes, scope_text
from api.dependencies import ServicesDep
from api.documentation import problems
from api.errors import ClientRefusedError, TokenRequestInvalidError, UnauthenticatedError
from api.limits import StrictJsonRoute
from license_vault.api_clients import ApiClients, ApiClientWriter, NewToken, Scope
from license_vault.errors import CredentialsRefusedError

router = APIRouter(prefix="/v1/oauth2", tags=["authentication"], route_class=StrictJsonRoute)


class TokenOut(BaseModel):
    """An access token; told once."""

    access_token: str = Field(examples=["mHnXl5Qe6wq8o1xkR2m0y1Wc3v5gT7uYb9dF0hJ2kL4"])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="seconds", examples=[3600])
    scope: str = Field(examples=["licenses:issue:11310000MBDEM00076001 licenses:read:*"])


class TokenForm(BaseModel):
    """A token request; other members are passed over, as RFC 6749 wants it."""

    grant_type: str = Field(default="", max_length=256, examples=["client_credentials"])
    client_id: str | None = Field(default=None, max_length=256)
    client_secret: str | None = Field(default=None, max_length=256)
    scope: str = Field(default="", max_length=4096, description="must be among those given")


@router.post(
    "/token",
    summary="Trade a client's credentials for an access token · 换取访问令牌",
    responses=problems("invalid-token-request", "client-refused", "temporarily-unavailable"),
)
def give_token(
    services: ServicesDep,
    response: Response,
    form: Annotated[TokenForm, Form()],
    authorization: Annotated[
        str | None, Header(description="Basic client_id:client_secret, each form-encoded")
    ] = None,
) -> TokenOut:
    """Return a token with every scope that the client was given.

    The credentials come in the Authorization header (client_secret_basic) or in
    the form (client_secret_post). A scope that is asked for and was not given is
    refused, not left out.
    """
    response.headers["Cache-Control"] = "no-store"
    if form.grant_type != "client_credentials":
        raise TokenRequestInvalidError(
            "unsupported_grant_type" if form.grant_type else "invalid_request"
        )
    wanted = read_scopes(form.scope)
    try:
        name, secret = client_credentials(authorization, form.client_id, form.client_secret)
        token, given = _trade(services, name, secret)
    except (CredentialsRefusedError, UnauthenticatedError) as error:
        raise ClientRefusedError from error
    if not wanted <= given:
        raise TokenRequestInvalidError("invalid_scope")
    return TokenOut(
        access_token=token.token,
        token_type="Bearer",  # noqa: S106 - the kind, not the token
        expires_in=int(services.token_lifetime.total_seconds()),
        scope=scope_text(given),
    )


def _trade(services: ServicesDep, name: str, secret: str) -> tuple[NewToken, frozenset[Scope]]:
    with services.database.writing() as session:
        writer = ApiClientWriter(session, services.keys, services.random_bytes)
        token = writer.give_token(name, secret, services.token_lifetime, services.clock())
        return token, ApiClients(session, services.keys).get(name).scopes
