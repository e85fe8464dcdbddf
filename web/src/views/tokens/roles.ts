// What a token may do.
import { t } from "../../texts/texts";

export const ROLES = ["reader", "producer", "metrics", "admin"] as const;

export type Role = (typeof ROLES)[number];

/** A role that is newer than this page is said as it is written. */
export function roleName(role: string): string {
  return (ROLES as readonly string[]).includes(role) ? t(`role.${role as Role}`) : role;
}
