from asn1crypto.algos import DigestAlgorithm, DigestAlgorithmId, SignedDigestAlgorithm
from asn1crypto.keys import ECDomainParameters, NamedCurve

from keys import oids


def test_asn1crypto_knows_the_names_in_both_directions_and_registering_twice_is_harmless() -> None:
    oids.register()
    oids.register()
    assert DigestAlgorithmId.unmap("sm3") == oids.SM3
    assert DigestAlgorithm({"algorithm": "sm3"}).dump().hex() == "300a06082a811ccf55018311"
    for name, dotted in (("sm3_sm2", oids.SM2_WITH_SM3), ("sm2", oids.SM2_SIGNATURE)):
        made = SignedDigestAlgorithm({"algorithm": name})
        assert made["algorithm"].dotted == dotted
        assert SignedDigestAlgorithm.load(made.dump())["algorithm"].native == name
    assert NamedCurve("sm2p256v1").dotted == oids.SM2_CURVE
    assert ECDomainParameters(name="named", value="sm2p256v1").key_size == 32
