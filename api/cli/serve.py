"""Commands that run the service: serve, migrate, check-settings."""

from __future__ import annotations

import argparse

from api.cli.console import DONE, Commands, say, table, whole


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    serve_ = commands.add_parser("serve", help="启动服务 run the service")
    serve_.add_argument("--host", default="127.0.0.1", help="监听地址 address to listen on")
    serve_.add_argument("--port", type=whole(0, 65535), default=8000, help="端口 port")
    serve_.add_argument(
        "--workers", type=whole(1, 256), default=1, help="工作进程数 worker processes"
    )
    serve_.set_defaults(run=serve)
    migrate_ = commands.add_parser("migrate", help="升级数据库 bring the database up to date")
    migrate_.set_defaults(run=migrate)
    check = commands.add_parser(
        "check-settings", help="检查并列出设置 check the settings and print those in force"
    )
    check.set_defaults(run=check_settings)


def serve(arguments: argparse.Namespace) -> int:
    """Run the service until it is told to stop; every worker wires itself."""
    import uvicorn

    from api.node_wiring import wire
    from api.settings import load_settings

    settings = load_settings()
    if arguments.workers > 1:
        # A worker that cannot start would be started again for ever: what stops it stops us here.
        wire(settings).close()
    uvicorn.run(
        "api.main:create",
        factory=True,
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        access_log=False,
        log_config=None,
        server_header=False,
        limit_concurrency=settings.limits.concurrent_requests,
        timeout_keep_alive=settings.limits.idle_seconds,
        timeout_graceful_shutdown=30,
        h11_max_incomplete_event_size=32 * 1024,
    )
    return DONE


def migrate(_: argparse.Namespace) -> int:
    """Take the database to the schema this code needs."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.database.schema import HEAD_REVISION
    from license_vault.database.schema import migrate as migrate_database

    database = wiring.database_of(load_settings())
    try:
        migrate_database(database)
    finally:
        database.close()
    say(f"数据库已升级到 {HEAD_REVISION}。", f"The database is at {HEAD_REVISION}.")
    return DONE


def check_settings(_: argparse.Namespace) -> int:
    """Check the settings of this environment; refusals come with every reason."""
    from api.settings import load_settings
    from api.settings_listing import effective

    settings = load_settings()
    table(("variable", "value"), effective(settings))
    say("设置可用。", "The settings can be used.")
    return DONE
