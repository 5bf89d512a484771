/* Percorso's survey on a website: a button, and behind it the survey in a frame. It sets no cookie,
   keeps nothing unless data-remember says so, and asks nothing of any server until it is opened.
   data-survey: the code. data-show: "button" (default), or "after" data-seconds or data-scroll
   (per cent of the page) to open by itself. data-label, data-side ("left" or "right"),
   data-language, data-remember (days during which it does not open by itself again). */
(() => {
  const script = document.currentScript;
  const set = script.dataset;
  const host = new URL(script.src).origin;
  const key = "percorso-survey:" + set.survey;
  const italian = (set.language || document.documentElement.lang || navigator.language).slice(0, 2) === "it";
  const words = italian ? ["La tua opinione", "Chiudi", "Sondaggio"] : ["Your opinion", "Close", "Survey"];
  const label = set.label || words[0];
  let frame;

  const remembered = () => {
    try { return Number(localStorage.getItem(key)) > Date.now(); } catch { return false; }
  };
  const remember = () => {
    if (!(Number(set.remember) > 0)) return;
    try { localStorage.setItem(key, Date.now() + set.remember * 864e5); } catch { /* not allowed: then not */ }
  };

  const begin = () => {
    const home = document.createElement("div");
    const root = home.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    const side = set.side === "left" ? "left" : "right";
    sheet.replaceSync(`:host{all:initial}
button{font:600 16px/1.2 system-ui,sans-serif;cursor:pointer;min-height:44px;border-radius:10px;border:2px solid #fff;background:#1c1b1f;color:#fff;padding:8px 16px}
button:focus-visible{outline:3px solid #1c1b1f;outline-offset:2px}
.open,.box{position:fixed;bottom:16px;${side}:16px;z-index:2147483000}
.box{display:flex;flex-direction:column;width:min(400px,calc(100vw - 32px));height:min(600px,calc(100vh - 32px));background:#fff;border:1px solid #8a8a8a;border-radius:12px;overflow:hidden;box-shadow:0 8px 40px #0005}
.box[hidden],.open[hidden]{display:none}
.top{display:flex;justify-content:space-between;align-items:center;background:#1c1b1f;color:#fff;font:600 16px/1.2 system-ui,sans-serif;padding:4px 4px 4px 16px}
.top button{border-color:transparent;text-decoration:underline;text-underline-offset:.2em}
.top button:focus-visible{outline-color:#fff;outline-offset:-4px}
iframe{flex:1;border:0;width:100%}`);
    root.adoptedStyleSheets = [sheet];

    const open = document.createElement("button");
    open.className = "open";
    open.type = "button";
    open.textContent = label;
    open.setAttribute("aria-expanded", "false");
    const box = document.createElement("div");
    box.className = "box";
    box.hidden = true;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", label);
    const top = document.createElement("div");
    top.className = "top";
    const title = document.createElement("span");
    title.textContent = label;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = words[1];
    top.append(title, close);
    box.append(top);
    root.append(open, box);

    const show = focus => {
      if (!frame) {
        frame = document.createElement("iframe");
        frame.title = words[2];
        frame.src = host + "/s/" + encodeURIComponent(set.survey) + "?widget" +
          (set.language ? "&lang=" + encodeURIComponent(set.language) : "");
        box.append(frame);
      }
      box.hidden = false;
      open.hidden = true;
      open.setAttribute("aria-expanded", "true");
      if (focus) close.focus();
    };
    const hide = () => {
      box.hidden = true;
      open.hidden = false;
      open.setAttribute("aria-expanded", "false");
      open.focus();
      remember();
    };
    open.addEventListener("click", () => show(true));
    close.addEventListener("click", hide);
    root.addEventListener("keydown", event => event.key === "Escape" && hide());
    document.body.append(home);

    if (set.show !== "after" || remembered()) return;
    // Opened by itself it takes the focus from nobody.
    const once = () => { removeEventListener("scroll", scrolled); if (!frame) show(false); };
    const scrolled = () => {
      const all = document.documentElement.scrollHeight - innerHeight;
      if (all > 0 && (scrollY / all) * 100 >= Number(set.scroll)) once();
    };
    if (Number(set.scroll) > 0) addEventListener("scroll", scrolled, { passive: true });
    else setTimeout(once, (Number(set.seconds) || 20) * 1000);
  };
  if (document.body) begin(); else addEventListener("DOMContentLoaded", begin);
})();
