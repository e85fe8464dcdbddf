// What stands where there is nothing to show: why, and what would fill it.
import type { ReactNode } from "react";
import type { ApiError } from "../api/client";
import { t } from "../texts/texts";

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

function sentence(error: ApiError): string {
  if (error.status === 0) return t("error.no_answer");
  if (error.status === 503) return t("error.not_ready", { reason: error.message });
  if (error.status === 404) return t("error.not_there", { reason: error.message });
  if (error.status === 429) return t("error.too_many");
  return t("error.other", { reason: error.message });
}

export function Failure({ error }: { error: ApiError }) {
  return (
    <p className="failure" role="alert">
      {sentence(error)}
    </p>
  );
}

export function Loading() {
  return (
    <p className="empty" role="status">
      {t("loading")}
    </p>
  );
}
