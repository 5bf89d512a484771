// Passkeys: asks the browser for one and sends what it answers. Needs webauthn-json.js.
(() => {
  "use strict";
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const credential = form.querySelector("input[name=credential]");
  const complaint = document.getElementById("passkey-complaint");
  const say = (words) => {
    if (!complaint) return;
    complaint.textContent = words;
    complaint.hidden = false;
  };
  if (!window.PublicKeyCredential || !window.isSecureContext) {
    if (form.dataset.passkey === "sign-in") return;
    form.querySelector("button").disabled = true;
    say(form.dataset.unable);
    return;
  }
  form.closest("[data-passkey-place]")?.removeAttribute("hidden");

  const given = () => JSON.parse(document.getElementById("passkey-options").textContent);

  const make = async () => {
    const options = given().creation_options;
    const alone = form.querySelector("input[name=passwordless]")?.checked ?? false;
    Object.assign(options.publicKey.authenticatorSelection, {
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone ? { userVerification: "required" } : {}),
    });
    return window.webauthnJSON.create(options);
  };
  const prove = () => window.webauthnJSON.get(given().request_options);
  const signIn = async () => {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return window.webauthnJSON.get((await answer.json()).request_options);
  };

  form.addEventListener("submit", async (event) => {
    if (credential.value) return;
    event.preventDefault();
    if (complaint) complaint.hidden = true;
    try {
      const ask = { add: make, prove, "sign-in": signIn }[form.dataset.passkey];
      credential.value = JSON.stringify(await ask());
      form.submit();
    } catch {
      say(form.dataset.refused);
    }
  });
})();
