import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Collection;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;

/** Verifies a detached CMS over a file and the time-stamp in it. Arguments: cms, content. */
public class VerifySealedCms {
    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        byte[] cms = Files.readAllBytes(Path.of(arguments[0]));
        byte[] content = Files.readAllBytes(Path.of(arguments[1]));
        CMSSignedData signed = new CMSSignedData(new CMSProcessableByteArray(content), cms);
        SignerInformation signer = signed.getSignerInfos().getSigners().iterator().next();
        try {
            boolean holds = signer.verify(verifier().build(only(signed, signer)));
            System.out.println("signature " + (holds ? "holds" : "fails"));
        } catch (org.bouncycastle.cms.CMSException refused) {
            System.out.println("signature refused: " + refused.getMessage());
        }
        Attribute stamp = signer.getUnsignedAttributes()
            .get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        TimeStampToken token =
            new TimeStampToken(ContentInfo.getInstance(stamp.getAttributeValues()[0]));
        X509CertificateHolder authority = (X509CertificateHolder)
            token.getCertificates().getMatches(token.getSID()).iterator().next();
        token.validate(verifier().build(authority));
        System.out.println("time-stamp holds " + token.getTimeStampInfo().getGenTime().getTime());
        java.security.MessageDigest sm3 = java.security.MessageDigest.getInstance("SM3", "BC");
        boolean same = java.util.Arrays.equals(
            sm3.digest(signer.getSignature()), token.getTimeStampInfo().getMessageImprintDigest());
        System.out.println("imprint " + (same ? "matches" : "differs"));
    }

    private static JcaSimpleSignerInfoVerifierBuilder verifier() {
        return new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC");
    }

    private static X509CertificateHolder only(CMSSignedData signed, SignerInformation signer) {
        Collection<X509CertificateHolder> found =
            signed.getCertificates().getMatches(signer.getSID());
        if (found.size() != 1) {
            throw new IllegalStateException("certificates of the signer: " + found.size());
        }
        return found.iterator().next();
    }
}
