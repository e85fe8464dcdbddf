// The list of keys, which `?` shows.
import { presentShortcuts } from "../base/keys";
import { Dialog } from "../parts/dialog";
import { t } from "../texts/texts";

export function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t("keys.title")} onClose={onClose}>
      <dl className="keys">
        {presentShortcuts().map((shortcut) => (
          <div key={shortcut.key}>
            <dt><kbd>{shortcut.key}</kbd></dt>
            <dd>{t(shortcut.does)}</dd>
          </div>
        ))}
        <div>
          <dt><kbd>←</kbd> <kbd>↑</kbd> <kbd>→</kbd> <kbd>↓</kbd></dt>
          <dd>{t("keys.grid")}</dd>
        </div>
        <div>
          <dt><kbd>Esc</kbd></dt>
          <dd>{t("keys.escape")}</dd>
        </div>
      </dl>
    </Dialog>
  );
}
