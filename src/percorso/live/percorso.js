/* Percorso: tells the company's own Percorso what happens on this website.
   <script async src="https://cx.example.org/percorso.js" data-key="WRITE-KEY"></script>
   No cookie and nothing stored until percorso.consent(true); then one random id, in localStorage.
   data-auto="no": pages are not told by themselves. Apache-2.0. */
(function (w, d) {
  "use strict";
  var me = d.currentScript, early = w.percorso, ID = "percorso_id", USER = "percorso_user";
  if (!me || (early && early.loaded)) return;
  var key = me.getAttribute("data-key"), auto = me.getAttribute("data-auto") !== "no";
  var to = new URL("v1/batch", me.getAttribute("data-to") || me.src).href;
  var queue = [], sending = false, wait = 1000, timer = 0, page = "", came = d.referrer;
  var user = null, agreed = false, device;

  function stored(name, value) {
    try {
      if (value === undefined) return w.localStorage.getItem(name);
      if (value === null) w.localStorage.removeItem(name);
      else w.localStorage.setItem(name, value);
    } catch (e) { return null; }
  }
  function id() {
    var b = w.crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(b, function (x) { return (x + 256).toString(16).slice(1); }).join("");
  }
  device = stored(ID);
  if (device) { agreed = true; user = stored(USER); } else device = id();

  function add(type, more) {
    var q = new URLSearchParams(w.location.search), campaign = {};
    q.forEach(function (v, k) { if (/^utm_/.test(k)) campaign[k.slice(4)] = v; });
    var e = {
      type: type, messageId: id(), anonymousId: device, timestamp: new Date().toISOString(),
      context: {
        page: { path: w.location.pathname, referrer: came, title: d.title }, campaign: campaign,
        library: { name: "percorso.js" }, locale: w.navigator.language
      }
    };
    if (user) e.userId = user;
    for (var k in more) e[k] = more[k];
    queue.push(e);
    if (queue.length > 500) queue.shift();
    if (!timer) timer = w.setTimeout(send, 300);
  }
  function body(events) {
    return JSON.stringify({ writeKey: key, batch: events, sentAt: new Date().toISOString() });
  }
  /* text/plain asks no leave of the server beforehand. */
  function send() {
    timer = 0;
    if (sending || !queue.length) return;
    var part = queue.slice(0, 20);
    sending = true;
    w.fetch(to, {
      method: "POST", body: body(part), headers: { "Content-Type": "text/plain" },
      keepalive: true, credentials: "omit"
    }).then(function (r) {
      if (r.status === 429 || r.status > 499) throw r;
      queue = queue.filter(function (e) { return part.indexOf(e) < 0; });
      sending = false; wait = 1000;
      if (queue.length) send();
    }).catch(function (r) {
      sending = false;
      var after = r.headers && +r.headers.get("Retry-After") * 1000;
      timer = w.setTimeout(send, Math.max(wait, after || 0));
      wait = Math.min(wait * 2, 60000);
    });
  }
  /* What was on its way may come twice: the server knows it by its messageId. */
  function leave() {
    if (queue.length && w.navigator.sendBeacon) w.navigator.sendBeacon(to, body(queue.slice(0, 50)));
  }
  function seen() {
    var now = w.location.pathname + w.location.search;
    if (now === page) return;
    if (page) came = w.location.origin + page;
    page = now;
    add("page");
  }

  var api = w.percorso = {
    loaded: true,
    track: function (event, properties) { add("track", { event: String(event), properties: properties || {} }); },
    page: function (name, properties) {
      page = w.location.pathname + w.location.search;
      add("page", { name: name, properties: properties || {} });
    },
    identify: function (userId, traits) {
      user = userId == null ? user : String(userId);
      if (agreed && user) stored(USER, user);
      add("identify", { traits: traits || {} });
    },
    consent: function (given, proof) {
      agreed = !!given;
      stored(ID, agreed ? device : null);
      stored(USER, agreed && user ? user : null);
      if (proof) {
        proof.given = agreed;
        add("track", { event: agreed ? "Consent Given" : "Consent Withdrawn", properties: proof });
      }
    },
    reset: function () { stored(ID, null); stored(USER, null); user = null; agreed = false; device = id(); }
  };
  ((early && early.q) || []).forEach(function (c) { if (api[c[0]]) api[c[0]].apply(api, c.slice(1)); });

  d.addEventListener("click", function (e) {
    var at = e.target.closest && e.target.closest("[data-percorso]");
    if (at) api.track(at.getAttribute("data-percorso"));
  });
  d.addEventListener("visibilitychange", function () { if (d.visibilityState === "hidden") leave(); });
  if (auto) {
    seen();
    ["pushState", "replaceState"].forEach(function (name) {
      var before = w.history[name];
      w.history[name] = function () { before.apply(this, arguments); w.setTimeout(seen, 0); };
    });
    w.addEventListener("popstate", function () { w.setTimeout(seen, 0); });
  }
})(window, document);
