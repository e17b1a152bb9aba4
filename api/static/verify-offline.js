// Keeps the verification page where there is no network. The network comes first; nothing that a
// form sends or gets back is kept, and the part of an address after # never reaches a worker.
"use strict";
var KEPT = "verify-2";
var FILES = [
  "/verify",
  "/static/page.css",
  "/static/icon.svg",
  "/static/qr.js",
  "/static/verify.js",
  "/static/scan.js",
  "/static/vendor/jsqr-1.4.0/jsQR.js",
  "/static/vendor/sm-crypto-0.5.8/sm2.js",
];

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(KEPT).then(function (kept) { return kept.addAll(FILES); }));
});

self.addEventListener("fetch", function (event) {
  var path = new URL(event.request.url).pathname;
  if (event.request.method !== "GET" || FILES.indexOf(path) < 0) return;
  event.respondWith(
    fetch(event.request)
      .then(function (answer) {
        if (!answer.ok) return answer;
        var copy = answer.clone();
        return caches.open(KEPT).then(function (kept) {
          return kept.put(path, copy).then(function () { return answer; });
        });
      })
      .catch(function () {
        return caches.match(path).then(function (found) { return found || Response.error(); });
      })
  );
});
