// To which programs alerts are sent, for administrators (docs/api.md, "Webhooks").
import type { Severity } from "./types";

/** What was given up, until somebody has it sent again. */
export interface DeadDelivery {
  id: string;
  account_id?: string;
  group_id?: string;
  alert: string;
  recorded_at: string;
  attempts: number;
  error: string;
}

export interface Webhook {
  name: string;
  receiver: string;
  alerts: string[]; // empty: any; likewise the next two
  severities: Severity[];
  groups: string[];
  waiting: number;
  delivered: number;
  dead: number;
  dropped: number; // dead ones that are no longer kept
  delivered_at?: string;
  failed_at?: string;
  error?: string;
  next_attempt_at?: string;
  latest_dead: DeadDelivery[];
}

export interface WebhookList {
  webhooks: Webhook[];
}
