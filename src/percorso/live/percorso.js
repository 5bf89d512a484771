/* Percorso: tells the company's own Percorso what happens on this website.
   <script async src="https://cx.example.org/percorso.js" data-key="WRITE-KEY"></script>
   No cookie and nothing stored until percorso.consent(true); then one random id, in localStorage.
   Until then each page loaded is somebody ("once-...") who is listed and counted nowhere.
   data-auto="no": pages are not told by themselves. Apache-2.0. */
(function (w, d) {
  "use strict";
  var me = d.currentScript, early = w.percorso, ID = "percorso_id", USER = "percorso_user";
  if (!me || (early && early.loaded)) return;
  var key = me.dataset.key, auto = me.dataset.auto !== "no";
  var to = new URL("v1/batch", me.dataset.to || me.src).href;
  var queue = [], sending = false, wait = 1000, timer = 0, page = "", came = d.referrer;
  var user = null, agreed = false, at = w.location, device, now, text, small;

  function stored(name, value) {
    try {
      if (value === undefined) return w.localStorage.getItem(name);
      if (value === null) w.localStorage.removeItem(name);
      else w.localStorage.setItem(name, value);
    } catch (e) { return null; }
  }
  function id() {
    var b = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(b, (x) => (x + 256).toString(16).slice(1)).join("");
  }
  function time() { return new Date().toISOString(); }
  function once() { return "once-" + id(); }
  device = stored(ID);
  if (device) { agreed = true; user = stored(USER); } else device = once();

  function add(type, more) {
    var q = new URLSearchParams(at.search), campaign = {};
    q.forEach((v, k) => { if (/^utm_/.test(k)) campaign[k.slice(4)] = v; });
    var e = {
      type: type, messageId: id(), anonymousId: device, timestamp: time(),
      context: {
        page: { path: at.pathname, referrer: came }, campaign: campaign,
        library: { name: "percorso.js" }, locale: navigator.language
      }
    };
    if (user) e.userId = user;
    for (var k in more) e[k] = more[k];
    queue.push(e);
    if (queue.length > 500) queue.shift();
    if (!timer) timer = setTimeout(send, 300);
  }
  /* Browsers refuse more than 64 KB that is to outlive its page: fewer events, until they fit. */
  function pack() {
    for (var n = 50; n; n >>= 1) {
      now = queue.slice(0, n);
      text = JSON.stringify({ writeKey: key, batch: now, sentAt: time() });
      small = new Blob([text]).size < 6e4;
      if (small) return;
    }
  }
  /* text/plain asks no leave of the server beforehand. */
  function send() {
    timer = 0;
    if (sending || !queue.length) return;
    pack();
    var part = now;
    sending = true;
    w.fetch(to, {
      method: "POST", body: text, headers: { "Content-Type": "text/plain" },
      keepalive: small, credentials: "omit"
    }).then((r) => {
      if (r.status === 429 || r.status > 499) throw r;
      queue = queue.filter((e) => part.indexOf(e) < 0);
      sending = false; wait = 1000;
      if (queue.length) send();
    }).catch((r) => {
      sending = false;
      var after = r.headers && +r.headers.get("Retry-After") * 1000;
      timer = setTimeout(send, Math.max(wait, after || 0));
      wait = Math.min(wait * 2, 60000);
    });
  }
  /* What was on its way may come twice: the server knows it by its messageId. */
  function leave() {
    if (!queue.length || !navigator.sendBeacon) return;
    pack();
    navigator.sendBeacon(to, text);
  }
  function seen() {
    var now = at.pathname + at.search;
    if (now === page) return;
    if (page) came = at.origin + page;
    page = now;
    add("page");
  }

  var api = w.percorso = {
    loaded: true,
    track(event, properties) { add("track", { event: String(event), properties: properties || {} }); },
    page(name, properties) {
      page = at.pathname + at.search;
      add("page", { name: name, properties: properties || {} });
    },
    identify(userId, traits) {
      user = userId == null ? user : String(userId);
      if (agreed && user) stored(USER, user);
      add("identify", { traits: traits || {} });
    },
    consent(given, proof) {
      agreed = !!given;
      if (agreed && !device.indexOf("once-")) device = id();
      stored(ID, agreed ? device : null);
      stored(USER, agreed ? user : null);
      if (proof) {
        proof.given = agreed;
        add("track", { event: agreed ? "Consent Given" : "Consent Withdrawn", properties: proof });
      }
      if (!agreed) device = once();
    },
    reset() { stored(ID, null); stored(USER, null); user = null; agreed = false; device = once(); }
  };
  ((early && early.q) || []).forEach((c) => { if (api[c[0]]) api[c[0]].apply(api, c.slice(1)); });

  d.addEventListener("click", (e) => {
    var its = e.target.closest && e.target.closest("[data-percorso]");
    if (its) api.track(its.dataset.percorso);
  });
  d.addEventListener("visibilitychange", () => { if (d.visibilityState === "hidden") leave(); });
  if (auto) {
    seen();
    ["pushState", "replaceState"].forEach((name) => {
      var before = history[name];
      history[name] = function () { before.apply(this, arguments); setTimeout(seen, 0); };
    });
    w.addEventListener("popstate", () => { setTimeout(seen, 0); });
  }
})(window, document);
