// Signs on this device: the key file is read here, used once, and sent nowhere.
"use strict";
(function () {
  var form = document.getElementById("sign");
  if (!form || typeof sm2 === "undefined") return;
  var place = document.getElementById("in-browser");
  var file = document.getElementById("key-file");
  var answer = document.getElementById("key-answer");
  place.hidden = false;

  function hex(bytes) {
    return Array.prototype.map.call(bytes, function (byte) {
      return ("0" + byte.toString(16)).slice(-2);
    }).join("");
  }

  // The key of a PKCS#8 or SEC 1 file stands behind version 1, as 32 octets.
  function keyIn(text) {
    var plain = text.trim();
    if (/^[0-9a-fA-F]{64}$/.test(plain)) return plain.toLowerCase();
    var pem = /-----BEGIN (?:EC )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(plain);
    if (!pem) return null;
    var der = hex(Uint8Array.from(atob(pem[1].replace(/\s/g, "")), function (character) {
      return character.charCodeAt(0);
    }));
    var found = /0201010420([0-9a-f]{64})/.exec(der);
    return found ? found[1] : null;
  }

  // The nonce comes from the browser's own generator: 48 bytes, so that the rest is even.
  function nonce() {
    var pair = sm2.generateKeyPairHex(hex(crypto.getRandomValues(new Uint8Array(48))), 16);
    var Whole = sm2.getPoint().k.constructor;
    return { k: new Whole(pair.privateKey, 16), x1: new Whole(pair.publicKey.slice(2, 66), 16) };
  }

  function base64(digits) {
    return btoa(digits.match(/../g).map(function (two) {
      return String.fromCharCode(parseInt(two, 16));
    }).join(""));
  }

  function signed(message, key) {
    var own = sm2.getPublicKeyFromPrivateKey(key);
    var how = { hash: true, der: true, publicKey: own, pointPool: [nonce(), nonce(), nonce()] };
    var made = sm2.doSignature(message, key, how);
    return sm2.doVerifySignature(message, made, own, { hash: true, der: true }) ? base64(made) : null;
  }

  // Each message says in which field its signature goes; a package has several.
  function signAll(key) {
    return Array.from(document.querySelectorAll("[data-signed-in]")).map(function (place) {
      var made = key && signed(place.textContent, key);
      document.getElementById(place.dataset.signedIn).value = made || "";
      return Boolean(made);
    }).every(Boolean);
  }

  file.addEventListener("change", function () {
    if (!file.files.length) return;
    file.files[0].text().then(function (text) {
      var done = false;
      try { done = signAll(keyIn(text)); } catch (error) { done = false; }
      answer.textContent = done ? answer.dataset.done : answer.dataset.wrong;
      file.value = "";
    });
  });
})();
