"""All mutants by family, and what they are made of: the one place that knows the whole set."""

from __future__ import annotations

from itertools import chain

from mutants.cms_vectors import cms_mutants
from mutants.form_benches import JsonBench, pdf_bench
from mutants.gm_mutants import GmBench, gm_mutants
from mutants.mutant import INDETERMINATE, VALID, Mutant, Reason
from mutants.ofd_mutants import ofd_mutants
from mutants.order_mutants import order_mutants
from mutants.reference_mutants import reference_mutants
from mutants.ses_field_mutants import ses_field_mutants
from mutants.ses_mutants import ses_mutants
from mutants.ses_time_mutants import ses_time_mutants
from mutants.sm2_mutants import sm2_mutants
from mutants.vector_world import VectorWorld
from mutants.workbench import Workbench, entries_of
from mutants.zip_mutants import zip_mutants


def families(world: VectorWorld) -> dict[str, tuple[Mutant, ...]]:
    """Every mutant: of the package, of seals and their values, of CMS, of SM2 numbers and keys."""
    plain, rich = Workbench(world), Workbench(world, plain=False)
    pdf, json = pdf_bench(world), JsonBench(world)
    return {
        "package": tuple(
            chain(
                zip_mutants(entries_of(world.plain)),
                ofd_mutants(plain, rich),
                reference_mutants(plain, rich),
                order_mutants(world),
            )
        ),
        "ses": tuple(chain(ses_field_mutants(plain), ses_mutants(plain), ses_time_mutants(plain))),
        "cms": tuple(chain(cms_mutants(pdf, json), gm_mutants(plain))),
        "sm2": tuple(sm2_mutants(plain, pdf, json)),
    }


def originals(world: VectorWorld) -> tuple[Mutant, ...]:
    """What the mutants are made of; all are valid, but for the one that is no license."""
    gm = GmBench(Workbench(world))
    rows = (
        ("license", "ofd", "一个印章的证照", "A license with one seal", world.sealed),
        ("plain", "ofd", "同一证照，没有模板和资源", "The same without template and resources",
         world.plain),
        ("two-seals", "ofd", "两个印章的证照", "A license with two seals", world.twice_sealed),
        ("license-pdf", "pdf", "PDF 形式的证照", "The license as PDF", pdf_bench(world).document),
        ("license-json", "json", "JSON 形式的证照", "The license as JSON",
         JsonBench(world).sealed()),
        ("seal", "esl", "电子印章", "The electronic seal", world.seal.ses),
    )  # fmt: skip
    made = (Mutant(name, "", form, zh, en, data, VALID, ()) for name, form, zh, en, data in rows)
    zh = "GB/T 35275 签名的文件，不是证照：签名成立，但没有照面数据"
    en = "A document signed as GB/T 35275 has it, no license: the signature holds, claims are none"
    foreign = Mutant(
        "signed", "", "ofd", zh, en, gm.signed(gm.value), INDETERMINATE, (Reason("claims-missing"),)
    )
    return (*made, foreign)
