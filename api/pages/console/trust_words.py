"""Why a trust list was refused, and what differs between two, in both languages."""

from __future__ import annotations

REFUSALS = {
    "malformed": ("不是合规的名单或根", "no list, or no root, in our form"),
    "other-region": ("是其他地区的名单", "a list of another region"),
    "older": ("比已接受的旧", "older than the accepted one"),
    "expired": ("已过下次更新时间", "past its next update"),
    "from-the-future": ("签发时间晚于现在", "issued ahead of our clock"),
    "too-few-signatures": ("有效签名不足", "too few signatures hold"),
    "root-unknown": ("根不是已接受的根", "another root than the accepted one"),
    "root-not-rolled": ("根的更替不连续", "the root was not followed step by step"),
    "root-expired": ("根已过期", "the root has run out"),
    "split": ("同一序号有两份不同名单（分叉）", "two digests for one number (a split)"),
    "foreign-authority": ("列有其他地区的机构", "claims another region's authority"),
    "national-root-unknown": ("国家根未知", "the national root is unknown here"),
    "national-chain-broken": ("到国家根的证书链不成立", "the chain to the national root is broken"),
    "fingerprint-form": (
        "指纹应为 64 位十六进制数字",
        "a fingerprint has 64 hexadecimal digits",
    ),
    "fingerprint-wrong": (
        "指纹与待核准的名单不符",
        "the fingerprint is not that of the list that waits",
    ),
    "no-candidate": ("没有待核准的名单", "no list waits"),
    "no-split": ("没有待了结的分叉", "there is no split to settle"),
    "person-has-seal-role": (
        "有印章职责的人员不能核准（三权分立）",
        "people with a role for seals do not approve",
    ),
}

CHANGES = {
    "added": ("新增", "added", "good"),
    "removed": ("缺失", "missing", "bad"),
    "changed": ("变更", "changed", "ended"),
    "withdrawn": ("撤出", "withdrawn", "ended"),
    "trusted again": ("恢复信任", "trusted again", "good"),
}

KINDS = {
    "authority": ("发证机构", "issuing authority"),
    "anchor": ("信任锚", "trust anchor"),
    "intermediate": ("中间 CA", "intermediate CA"),
    "seal-maker": ("制章人", "seal maker"),
    "system": ("证照库自身", "library"),
}

DETAILS = {
    "": ("", ""),
    "key-replaced": ("密钥更换", "key replaced"),
    "key-compromised": ("密钥泄露", "key compromised"),
    "ceased": ("停用", "ceased"),
    "grant-withdrawn": ("授权撤回", "grant withdrawn"),
    "unspecified": ("未说明", "unspecified"),
    "history": ("以往记录被改动", "what was told of the past differs"),
    "name": ("名称", "name"),
    "region": ("地区", "region"),
    "purposes": ("用途", "purposes"),
    "national_root": ("国家根标记", "national root mark"),
}
