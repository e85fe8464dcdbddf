// A link within the page: an address like any other (copy, new tab), followed without loading the page anew.
import { forwardRef, type AnchorHTMLAttributes, type MouseEvent } from "react";
import { go } from "./router";

type Properties = AnchorHTMLAttributes<HTMLAnchorElement> & { href: string };

export const Link = forwardRef<HTMLAnchorElement, Properties>(function Link({ href, onClick, ...others }, element) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || elsewhere) return;
    event.preventDefault();
    go(href);
  };
  return <a ref={element} href={href} onClick={follow} {...others} />;
});
