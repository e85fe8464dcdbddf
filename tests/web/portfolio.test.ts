// The portfolio's table: what is asked, in which order, and as a sheet for other programs.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { rows } from "../../web/src/live/rows";
import { compareValues } from "../../web/src/views/portfolio/account_list";
import { csvOf, tabbedOf } from "../../web/src/views/portfolio/export";
import { filtersOf, fits, parametersOf, readQuestion } from "../../web/src/views/portfolio/question";
import { treeLines } from "../../web/src/views/portfolio/tree";

beforeEach(() => rows.clear());

test("the question stands in the address", () => {
  const question = readQuestion(new URLSearchParams("region=North&customer=true&where=nps<0,csat>=0.5&q=birk"), "portfolio:key", "name");
  assert.deepEqual(parametersOf(question, ["nps"]), {
    group: "portfolio:key", region: "North", customer: "true", where: ["nps<0", "csat>=0.5"], q: "birk", sort: "name", kpis: ["nps"],
  });
  assert.equal(filtersOf(question), 5);
  assert.equal(filtersOf(readQuestion(new URLSearchParams("group=x&sort=-nps"), "x", "name")), 0);
});

test("an account is known to fit by its attributes and name, and by nothing else", () => {
  const of = (address: string) => readQuestion(new URLSearchParams(address), "portfolio:key", "name");
  assert.ok(fits(of("region=North"), { region: "North", tier: "KEY" }));
  assert.ok(!fits(of("region=North"), { region: "South" }));
  assert.ok(!fits(of("region=North"), undefined));
  assert.ok(fits(of("q=birk"), { name: "Birken Foods" }));
  assert.ok(!fits(of("q=birk"), { name: "Norden Rail" }));
  assert.ok(!fits(of("where=nps<0"), { name: "Birken Foods" }));
  assert.ok(!fits(of("customer=true"), { name: "Birken Foods" }));
});

test("undefined values come last, whichever way it is sorted", () => {
  for (const descending of [false, true]) {
    assert.ok(compareValues(undefined, 1, descending) > 0);
    assert.ok(compareValues(1, undefined, descending) < 0);
    assert.equal(compareValues(undefined, undefined, descending), 0);
  }
  assert.ok(compareValues(1, 2, false) < 0);
  assert.ok(compareValues(1, 2, true) > 0);
});

function account(id: string, revenue: number, parent?: string): void {
  rows.apply({ account_id: id, as_of: "2026-11-27", catalog_hash: "h", kpis: { revenue }, attributes: { name: id, parent_id: parent } }, "all", false);
}

test("corporate groups stand where their own value puts them, and open into their accounts", () => {
  account("A", 5);
  account("B", 1, "G");
  account("C", 3, "G");
  rows.apply({ group_id: "parent:G", as_of: "2026-11-27", catalog_hash: "h", kpis: { revenue: 9 } }, "all", false);
  const ids = ["A", "C", "B"];
  assert.deepEqual(treeLines(ids, new Set(), "-revenue"), [
    { kind: "group", id: "parent:G", parent: "G", members: 2, open: false },
    { kind: "account", id: "A", inner: false },
  ]);
  const open = treeLines(ids, new Set(["G"]), "revenue");
  assert.deepEqual(open.map((line) => line.id), ["A", "parent:G", "C", "B"]);
  assert.deepEqual(treeLines(ids, new Set(), "name").map((line) => line.id), ["A", "parent:G"]);
});

const SHEET = { header: ["Name", "Revenue"], rows: [['Müller; "Söhne"', 1234.5], ["=1+1", undefined], ["a\tb", -2]] };

test("a CSV is what spreadsheets of the language read", () => {
  assert.equal(csvOf(SHEET, true), '\ufeffName;Revenue\r\n"Müller; ""Söhne""";1234,5\r\n\'=1+1;\r\na\tb;-2\r\n');
  assert.equal(csvOf(SHEET, false), '\ufeffName,Revenue\r\n"Müller; ""Söhne""",1234.5\r\n\'=1+1,\r\na\tb,-2\r\n');
});

test("a copied table keeps its columns", () => {
  assert.equal(tabbedOf(SHEET, false), 'Name\tRevenue\nMüller; "Söhne"\t1234.5\n\'=1+1\t\na b\t-2');
});
