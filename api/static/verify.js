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
      return { keys: [], types: {}, regions: {}, taken_at: "" };
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

  function open(what, isRead) {
    var box = document.getElementById("qr-answer");
    box.hidden = false;
    box.querySelectorAll("[data-when]").forEach(function (line) {
      line.hidden = line.getAttribute("data-when") !== what;
    });
    box.querySelectorAll("[data-if]").forEach(function (line) { line.hidden = !isRead; });
    box.querySelector("dl").hidden = !isRead;
    return box;
  }

  function show(found, by) {
    var claims = found.claims, box = open(verdict(found), found.signature === "good");
    var until = box.querySelector("[data-fact=until]");
    var facts = {
      type: by.types[claims.typeCode] || claims.typeCode,
      identifier: claims.identifier,
      from: claims.validFrom,
      until: claims.validUntil || until.getAttribute("data-no-end"),
      code: claims.checkCode.replace(/^(.{4})(.{4})(.+)$/, "$1-$2-$3"),
      region: ((by.regions[claims.region.slice(0, 2)] || "") + " " + claims.region).trim(),
      taken: by.taken_at,
    };
    Object.keys(facts).forEach(function (name) {
      box.querySelector("[data-fact=" + name + "]").textContent = facts[name];
    });
    box.focus();
  }

  // Returns whether the text was a code of a license.
  function read(text) {
    var by = known(), found = licenseQr.read(text, by.keys);
    if (found) {
      show(found, by);
      if (found.signature === "bad") return true;
      fill(found.claims.identifier, found.claims.checkCode);
      document.getElementById("qr-answer").focus();
      return true;
    }
    // A code of before: IDENTIFIER.CHECKCODE, which nobody signed.
    text = decodeURIComponent(text.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"));
    var at = text.lastIndexOf(".");
    if (at < 1 || !/^[0-9A-Z.]+\.[0-9A-Z-]+$/.test(text)) return false;
    fill(text.slice(0, at), text.slice(at + 1));
    return true;
  }

  function readAddress() {
    var text = location.hash.slice(1);
    if (!text || document.getElementById(text)) return;
    // Neither number nor check code stays in the history of a telephone that others use.
    if (read(text)) history.replaceState(null, "", location.pathname);
  }

  if (document.getElementById("qr-answer")) {
    window.addEventListener("hashchange", readAddress);
    readAddress();
    // What the camera read is treated as an address: only what stands after the # counts.
    document.addEventListener("scanned", function (event) {
      var at = event.detail.indexOf("#");
      if (at < 0 || !read(event.detail.slice(at + 1))) open("other", false).focus();
    });
  }

  document.querySelectorAll("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      var address = location.origin + button.getAttribute("data-copy");
      navigator.clipboard.writeText(address).then(function () {
        button.textContent = button.getAttribute("data-done");
      });
    });
  });

  // A file may be dropped anywhere on its place; it is sent as if it had been chosen.
  var form = document.getElementById("by-file"), place = document.getElementById("drop");
  var input = document.getElementById("file");
  if (!form) return;
  place.querySelector(".drop-hint").hidden = false;
  ["dragenter", "dragover"].forEach(function (name) {
    place.addEventListener(name, function (event) {
      event.preventDefault();
      place.classList.add("over");
    });
  });
  ["dragleave", "drop"].forEach(function (name) {
    place.addEventListener(name, function () { place.classList.remove("over"); });
  });
  place.addEventListener("drop", function (event) {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  form.addEventListener("submit", function () { form.querySelector(".busy").hidden = false; });

  // Keeps this page for the next code that is read without a network.
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/verify-offline.js");
})();
