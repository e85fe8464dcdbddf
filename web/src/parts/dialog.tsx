// A window over the page: the browser's own <dialog>, which keeps the focus within and gives it back.
import { useLayoutEffect, useRef, type ReactNode } from "react";
import { t } from "../texts/texts";

interface Properties {
  title: string;
  onClose: () => void;
  children: ReactNode;
  side?: boolean; // a panel from the right
}

export function Dialog({ title, onClose, children, side = false }: Properties) {
  const element = useRef<HTMLDialogElement>(null);
  // Closed before it is taken out of the page: only then the browser gives the focus back.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={side ? "dialog side" : "dialog"}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div className="dialog-body">
        <header>
          <h2>{title}</h2>
          <button type="button" className="quiet" onClick={onClose} aria-label={t("close")}>
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
