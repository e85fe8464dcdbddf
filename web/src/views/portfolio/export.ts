// The table for other programs: all rows of the question, as a file or on the clipboard.
import { eachPage } from "../../api/client";
import type { AccountPage, Update } from "../../api/types";
import { language } from "../../texts/language";
import { t } from "../../texts/texts";
import type { AttributeColumn, PickedColumn } from "./columns";
import { kpisOf } from "./columns";
import { parametersOf, type Question } from "./question";

export interface Sheet {
  header: string[];
  rows: (string | number | undefined)[][];
}

/** What a cell of a spreadsheet must not begin with, where it is text: it would be taken for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

export function sheetOf(updates: readonly Update[], columns: readonly PickedColumn[]): Sheet {
  return {
    header: [t("account.id"), t("account.name"), ...columns.map((column) => column.label)],
    rows: updates.map((update) => [
      update.account_id,
      update.attributes?.name,
      ...columns.map((column) =>
        column.kpi ? update.kpis[column.id] : update.attributes?.[column.id as AttributeColumn],
      ),
    ]),
  };
}

function text(value: string | number | undefined, decimalComma: boolean): string {
  if (value === undefined) return "";
  if (typeof value === "number") return decimalComma ? String(value).replace(".", ",") : String(value);
  return FORMULA.test(value) ? `'${value}` : value;
}

/** As spreadsheets of the language read it: semicolons and decimal commas in German. */
export function csvOf(sheet: Sheet, german: boolean): string {
  const separator = german ? ";" : ",";
  const field = (value: string | number | undefined) => {
    const written = text(value, german);
    return /["\r\n]/.test(written) || written.includes(separator) ? `"${written.replaceAll('"', '""')}"` : written;
  };
  // The mark in front says that it is UTF-8.
  return "\ufeff" + [sheet.header, ...sheet.rows].map((row) => row.map(field).join(separator) + "\r\n").join("");
}

/** For a paste into a spreadsheet or a mail: columns by tabs. */
export function tabbedOf(sheet: Sheet, german: boolean): string {
  const field = (value: string | number | undefined) => text(value, german).replaceAll(/[\t\r\n]+/g, " ");
  return [sheet.header, ...sheet.rows].map((row) => row.map(field).join("\t")).join("\n");
}

async function readSheet(question: Question, columns: readonly PickedColumn[]): Promise<Sheet> {
  const updates: Update[] = [];
  await eachPage<AccountPage>("/v1/accounts", parametersOf(question, kpisToAsk(columns)), (page) => {
    updates.push(...page.accounts);
  });
  return sheetOf(updates, columns);
}

/** No KPI at all would ask for every one. */
export function kpisToAsk(columns: readonly PickedColumn[]): string[] {
  const kpis = kpisOf(columns);
  return kpis.length > 0 ? kpis : ["customers"];
}

export async function saveCsv(question: Question, columns: readonly PickedColumn[], name: string): Promise<void> {
  const sheet = await readSheet(question, columns);
  const blob = new Blob([csvOf(sheet, language.get() === "de")], { type: "text/csv;charset=utf-8" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be reading it
}

/** How many rows were copied. */
export async function copyTable(question: Question, columns: readonly PickedColumn[]): Promise<number> {
  const sheet = await readSheet(question, columns);
  await navigator.clipboard.writeText(tabbedOf(sheet, language.get() === "de"));
  return sheet.rows.length;
}
