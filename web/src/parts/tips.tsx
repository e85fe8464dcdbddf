// What is known more exactly than it is written: elements with `data-tip` say it on hover and focus, and are copied
// exactly. One tip for the page; Escape takes it away.
import { useEffect, useState } from "react";

interface Tip {
  text: string;
  left: number;
  top: number;
  below: boolean;
}

const MARGIN = 8;
const ROOM = 56; // above an element, for a tip of two lines

function tipOf(target: EventTarget | null): Tip | null {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-tip]") : null;
  const text = element?.dataset["tip"];
  if (!element || !text) return null;
  const box = element.getBoundingClientRect();
  const below = box.top < ROOM;
  const left = Math.min(Math.max(box.left + box.width / 2, 130), innerWidth - 130);
  return { text, left, top: below ? box.bottom + MARGIN : box.top - MARGIN, below };
}

/** Puts exact values in place of the short ones in what is copied. */
function copyExactly(event: ClipboardEvent): void {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  const around = range.commonAncestorContainer;
  const within = (around instanceof Element ? around : around.parentElement)?.closest<HTMLElement>("[data-exact]");
  if (within) {
    event.clipboardData?.setData("text/plain", within.dataset["exact"] ?? "");
    event.preventDefault();
  }
}

export function Tips() {
  const [tip, setTip] = useState<Tip | null>(null);
  useEffect(() => {
    const show = (event: Event) => setTip(tipOf(event.target));
    const hide = () => setTip(null);
    const key = (event: KeyboardEvent) => event.key === "Escape" && hide();
    document.addEventListener("mouseover", show);
    document.addEventListener("focusin", show);
    document.addEventListener("focusout", hide);
    document.addEventListener("keydown", key);
    document.addEventListener("scroll", hide, true);
    document.addEventListener("copy", copyExactly);
    return () => {
      document.removeEventListener("mouseover", show);
      document.removeEventListener("focusin", show);
      document.removeEventListener("focusout", hide);
      document.removeEventListener("keydown", key);
      document.removeEventListener("scroll", hide, true);
      document.removeEventListener("copy", copyExactly);
    };
  }, []);
  if (tip === null) return null;
  const style = { left: tip.left, top: tip.top };
  return (
    <div className={tip.below ? "tip tip-below" : "tip"} role="tooltip" style={style}>
      {tip.text}
    </div>
  );
}
