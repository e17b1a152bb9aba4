// Shows what the QR code's address says after its #, and fills the form with it.
// The part after # is never sent to a server by itself; it leaves this page only by the form.
"use strict";
(function () {
  var answer = document.getElementById("answer");
  if (answer) answer.focus();

  function known() {
    var found = document.getElementById("qr-keys");
    try {
      return JSON.parse(found.textContent);
    } catch (problem) {
      return { keys: [], types: {}, taken_at: "" };
    }
  }

  // The civil day at +08:00, as licenses count.
  function today() {
    return new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 10);
  }

  function fill(identifier, code) {
    document.getElementById("identifier").value = identifier;
    document.getElementById("check_code").value = code;
    document.querySelector("#by-code button").focus();
  }

  function verdict(found) {
    if (found.signature === "unknown") return "unknown";
    if (found.signature === "bad") return "bad";
    var claims = found.claims, now = today();
    if (now < claims.validFrom) return "early";
    return claims.validUntil && claims.validUntil < now ? "ended" : "good";
  }

  function show(found, by) {
    var box = document.getElementById("qr-answer"), what = verdict(found);
    box.hidden = false;
    box.querySelectorAll("[data-when]").forEach(function (line) {
      line.hidden = line.getAttribute("data-when") !== what;
    });
    var claims = found.claims, believed = found.signature === "good";
    var facts = {
      type: by.types[claims.typeCode] || claims.typeCode,
      identifier: claims.identifier,
      from: claims.validFrom,
      until: claims.validUntil || "长期 no end",
      code: claims.checkCode,
      region: claims.region,
      taken: by.taken_at,
    };
    box.querySelector("dl").hidden = !believed;
    Object.keys(facts).forEach(function (name) {
      box.querySelector("[data-fact=" + name + "]").textContent = facts[name];
    });
    box.focus();
  }

  function read() {
    var text = location.hash.slice(1);
    if (!text) return;
    var by = known(), found = licenseQr.read(text, by.keys);
    if (found) {
      show(found, by);
      if (found.signature === "bad") return;
      fill(found.claims.identifier, found.claims.checkCode);
      document.getElementById("qr-answer").focus();
    } else {
      // A code of before: IDENTIFIER.CHECKCODE, which nobody signed.
      text = decodeURIComponent(text.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
      var at = text.lastIndexOf(".");
      if (at < 1) return;
      fill(text.slice(0, at), text.slice(at + 1));
    }
    // Neither number nor check code stays in the history of a telephone that others use.
    history.replaceState(null, "", location.pathname);
  }

  window.addEventListener("hashchange", read);
  read();
  // Keeps this page for the next code that is read without a network.
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/verify-offline.js");
})();
