"""Commands about the node's own keys: key list, request, install. None prints a key."""

from __future__ import annotations

import argparse
import sys

from api.cli.console import DONE, Commands, operator, read_text, say, write_new

_LABELS = ("status", "tsa", "seal-maker", "system")


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    key = commands.add_parser("key", help="本节点密钥 the node's own keys")
    group = key.add_subparsers(required=True, metavar="COMMAND")
    group.add_parser("list", help="列出密钥标签 list labels").set_defaults(run=list_keys)
    request_ = group.add_parser("request", help="生成密钥与证书请求 make a key and a CSR")
    request_.add_argument(
        "label", choices=_LABELS, help="状态列表、时间戳、制章者或证照库 which key"
    )
    request_.add_argument("--common-name", required=True, help="证书主体名称 subject's CN")
    request_.add_argument("--organization", default="", help="证书主体机构 subject's O")
    request_.add_argument("--out", required=True, metavar="CSR", help="写出的文件 file to write")
    request_.set_defaults(run=request)
    install_ = group.add_parser("install", help="安装证书链 install an issued chain")
    install_.add_argument(
        "label", choices=_LABELS, help="状态列表、时间戳、制章者或证照库 which key"
    )
    install_.add_argument("chain", metavar="CHAIN", help="证书链 PEM, the certificate first")
    install_.set_defaults(run=install)


def list_keys(_: argparse.Namespace) -> int:
    """List the labels of the keys."""
    from api import wiring
    from api.settings import load_settings

    for label in wiring.key_labels(wiring.keys_of(load_settings())):
        sys.stdout.write(f"{label}\n")
    return DONE


def request(arguments: argparse.Namespace) -> int:
    """Make the key, if it is not there, and a request for its certificate."""
    from functools import partial

    from api import wiring
    from api.key_installation import KEY_USES
    from api.pem import REQUEST, to_pem
    from api.settings import load_settings
    from keys.certificate_authority import Subject, build_request

    label = arguments.label
    subject = Subject(arguments.common_name, arguments.organization)
    keys = wiring.keys_of(load_settings())
    point = wiring.signing_key(keys, label)
    der = build_request(subject, point, partial(keys.sign, label))
    write_new(arguments.out, to_pem(REQUEST, (der,)))
    say(f"证书请求已写入 {arguments.out}。", f"The request is in {arguments.out}.")
    if purpose := KEY_USES[label].extended_key_usage:
        say(
            f"请 CA 签发扩展密钥用法 {purpose}（关键扩展）。",
            f"Ask the CA for the extended key usage {purpose}, critical.",
        )
    return DONE


def install(arguments: argparse.Namespace) -> int:
    """Check a chain issued elsewhere and put it where the node finds it."""
    from api import wiring
    from api.key_installation import KeyOrder
    from api.key_installation import install as install_chain
    from api.pem import CERTIFICATE, from_pem
    from api.settings import load_settings

    settings = load_settings()
    order = KeyOrder(arguments.label, from_pem(CERTIFICATE, read_text(arguments.chain)), operator())
    with wiring.open_database_of(settings) as database:
        keys, folder = wiring.keys_of(settings), wiring.certificates_of(settings)
        certificate = install_chain(database, keys, folder, order, wiring.clock())
    ends = certificate.not_after.date().isoformat()
    say(
        f"{order.label} 的证书已安装，有效至 {ends}；重启服务后生效。",
        f"The certificate of {order.label} is installed and ends on {ends}; restart the service.",
    )
    return DONE
