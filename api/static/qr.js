// Reads the signed claims after the # of a license's QR code and checks the library's signature.
// Nothing is sent anywhere. The form is that of signing/qr_claims.py; docs/qr.md describes it.
"use strict";
var licenseQr = (function () {
  var BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  var PACKED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.";
  var DOMAIN = "license-vault/qr/1\0";
  var INTEGER = 0x02, OCTETS = 0x04, UTF8 = 0x0c, SEQUENCE = 0x30;

  function fromBase32(text) {
    var bytes = [], bits = 0, held = 0;
    for (var i = 0; i < text.length; i++) {
      var value = BASE32.indexOf(text[i]);
      if (value < 0) return null;
      held = (held << 5) | value;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((held >> bits) & 255);
        held &= (1 << bits) - 1;
      }
    }
    return held === 0 && bits < 5 ? bytes : null;
  }

  // Strict DER of what these claims need: one-byte tags, definite minimal lengths.
  function reader(bytes) {
    var at = 0;
    return {
      next: function (tag) {
        var start = at;
        if (bytes[at] !== tag) throw new Error("tag");
        var size = bytes[at + 1];
        at += 2;
        if (size === 0x81) {
          size = bytes[at++];
          if (size < 128) throw new Error("length");
        } else if (!(size < 128)) throw new Error("length");
        if (at + size > bytes.length) throw new Error("length");
        at += size;
        return { whole: bytes.slice(start, at), content: bytes.slice(at - size, at) };
      },
      finish: function () {
        if (at !== bytes.length) throw new Error("trailing");
      },
    };
  }

  function number(content) {
    if (content.length < 1 || content.length > 6 || content[0] > 127) throw new Error("number");
    return content.reduce(function (all, byte) { return all * 256 + byte; }, 0);
  }

  function ascii(content) {
    return content.map(function (byte) { return String.fromCharCode(byte); }).join("");
  }

  function hex(content) {
    return content.map(function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
  }

  // A number in base 37 with a leading 1, by long division of its bytes.
  function unpack(content) {
    var digits = "", left = content.slice();
    while (left.length > 1 || left[0] > 1) {
      var rest = 0, quotient = [];
      left.forEach(function (byte) {
        var value = rest * 256 + byte;
        if (quotient.length || value >= 37) quotient.push(Math.floor(value / 37));
        rest = value % 37;
      });
      digits = PACKED[rest] + digits;
      left = quotient.length ? quotient : [0];
    }
    if (left[0] !== 1) throw new Error("packed");
    return digits;
  }

  function day(value) {
    var text = String(value);
    if (text.length !== 8) throw new Error("day");
    return text.slice(0, 4) + "-" + text.slice(4, 6) + "-" + text.slice(6);
  }

  function claimsOf(bytes) {
    var inside = reader(reader(bytes).next(SEQUENCE).content);
    if (number(inside.next(INTEGER).content) !== 1) throw new Error("version");
    var claims = {
      region: String(number(inside.next(INTEGER).content)),
      keyId: hex(inside.next(OCTETS).content),
      identifier: "1.2.156.3005.2." + unpack(inside.next(OCTETS).content),
      validFrom: day(number(inside.next(INTEGER).content)),
    };
    var until = number(inside.next(INTEGER).content);
    claims.validUntil = until ? day(until) : null;
    claims.statusList = ascii(inside.next(UTF8).content);
    claims.statusIndex = number(inside.next(INTEGER).content);
    claims.checkCode = unpack(inside.next(OCTETS).content);
    inside.finish();
    claims.typeCode = claims.identifier.split(".")[5];
    return claims;
  }

  // Returns {claims, signature: "good" | "bad" | "unknown", key}, or null for what is no signed code.
  function read(payload, keys) {
    if (!/^[A-Z2-7]{64,2048}$/.test(payload)) return null;
    var bytes = fromBase32(payload);
    if (bytes === null) return null;
    var claims, signed, signature;
    try {
      var outer = reader(bytes), body = reader(outer.next(SEQUENCE).content);
      outer.finish();
      signed = body.next(SEQUENCE).whole;
      signature = body.next(OCTETS).content;
      body.finish();
      claims = claimsOf(signed);
    } catch (problem) {
      return null;
    }
    if (signature.length !== 64) return null;
    var key = keys.filter(function (one) {
      return one.key_id === claims.keyId && one.region === claims.region;
    })[0];
    if (!key) return { claims: claims, signature: "unknown", key: null };
    var message = DOMAIN.split("").map(function (c) { return c.charCodeAt(0); }).concat(signed);
    var good = sm2.doVerifySignature(message, hex(signature), key.public_point, { hash: true });
    return { claims: claims, signature: good === true ? "good" : "bad", key: key };
  }

  return { read: read };
})();
