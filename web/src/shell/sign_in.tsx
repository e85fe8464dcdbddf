// Where a token is asked for. It goes into a session's cookie that scripts cannot read, and nowhere else.
import { useState, type FormEvent } from "react";
import { ApiError } from "../api/client";
import { signIn } from "../api/session";
import { t } from "../texts/texts";

export function SignIn() {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(token.trim());
    } catch (error) {
      const unknown = error instanceof ApiError && (error.status === 401 || error.status === 403);
      setProblem(unknown ? t("sign_in.unknown") : t("error.no_answer"));
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <h1>Keyfold</h1>
        <p>{t("sign_in.text")}</p>
        <label>
          {t("sign_in.token")}
          <input type="password" name="token" autoComplete="current-password" required autoFocus value={token}
            aria-describedby="sign-in-problem" aria-invalid={problem !== ""} onChange={(event) => setToken(event.target.value)} />
        </label>
        <p id="sign-in-problem" className="failure" role="alert">{problem}</p>
        <button type="submit" className="primary" disabled={busy}>{t("sign_in.do")}</button>
      </form>
    </main>
  );
}
