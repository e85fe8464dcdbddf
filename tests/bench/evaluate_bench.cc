#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/benches.h"
#include "bench/fold_events.h"
#include "kpi/evaluation.h"
#include "state/account_reader.h"
#include "state/store_keys.h"
#include "store/memory_store.h"

namespace keyfold {
namespace {

using Ledger = std::vector<Contribution>;

// Accounts with two years behind them, and what one more batch adds to some of them.
struct EvaluatedAccounts {
  EvaluationDay evaluation{BenchCatalog(), LastDay()};
  RateTable rates;
  std::vector<Ledger> ledgers;
  std::vector<ComponentValues> components;
  std::vector<std::pair<ComponentValues, Ledger>> increments;  // before the batch, and its delta
  int64_t changed = 0;                                         // accounts; some of them are no increments
};

Ledger SortedLedger(const ShardStore& store, const std::string& account_id) {
  Ledger ledger = Require(ReadLedger(store, account_id));
  std::sort(ledger.begin(), ledger.end(), [](const Contribution& a, const Contribution& b) { return a.cell < b.cell; });
  return ledger;
}

std::unique_ptr<EvaluatedAccounts> MakeAccounts(const Workload& workload) {
  const History& history = HistoryOf(workload);
  auto accounts = std::make_unique<EvaluatedAccounts>();
  MemoryStore store(MergeStored);
  const size_t last_batch = history.size() - std::min(history.size() / 2, kBatchRecords);
  std::vector<ValidEvent> events = DecodeEvents(history, 0, history.size());
  EventFold fold(store);
  fold.FoldInBatches(std::span(events).first(last_batch), 0);
  accounts->rates = fold.rates();

  std::map<std::string, Ledger> before;
  for (const PreparedRecord& record : history) {
    if (record.key.empty()) continue;
    const auto [place, is_new] = before.try_emplace(std::string(record.key));
    if (is_new) place->second = SortedLedger(store, place->first);
  }
  for (const auto& [account_id, ledger] : before) {
    accounts->ledgers.push_back(ledger);
    accounts->components.push_back(SumComponents(accounts->evaluation, ledger, accounts->rates));
  }
  const auto changes = fold.FoldOneBatch(std::span(events).subspan(last_batch), static_cast<int64_t>(last_batch));
  accounts->rates = fold.rates();
  for (const AccountChange& change : changes) {
    ++accounts->changed;
    ComponentValues components = SumComponents(accounts->evaluation, before[change.account->id()], accounts->rates);
    ComponentValues after = components;
    if (!AddToComponents(accounts->evaluation, change.delta, after)) continue;
    accounts->increments.emplace_back(std::move(components), change.delta);
  }
  return accounts;
}

// The components of an account from its whole ledger: what a sweep pays, and an account with foreign currencies.
void Sum(benchmark::State& state, const Workload& workload) {
  const auto accounts = MakeAccounts(workload);
  size_t next = 0;
  int64_t contributions = 0;
  for (auto _ : state) {
    const Ledger& ledger = accounts->ledgers[next];
    benchmark::DoNotOptimize(SumComponents(accounts->evaluation, ledger, accounts->rates));
    contributions += static_cast<int64_t>(ledger.size());
    next = next + 1 == accounts->ledgers.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["contributions_per_account"] =
      static_cast<double>(contributions) / static_cast<double>(state.iterations());
}

// Adding what a batch of 10,000 events did to an account: the way of a busy account in its reporting currency.
// `incremental_share` of the changed accounts went that way, the others had to be summed.
void Add(benchmark::State& state, const Workload& workload) {
  const auto accounts = MakeAccounts(workload);
  if (accounts->increments.empty()) return state.SkipWithError("no account can be brought up to date by adding");
  size_t next = 0;
  int64_t contributions = 0;
  for (auto _ : state) {
    auto& [components, delta] = accounts->increments[next];
    benchmark::DoNotOptimize(AddToComponents(accounts->evaluation, delta, components));
    contributions += static_cast<int64_t>(delta.size());
    next = next + 1 == accounts->increments.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["contributions_per_account"] =
      static_cast<double>(contributions) / static_cast<double>(state.iterations());
  state.counters["incremental_share"] =
      static_cast<double>(accounts->increments.size()) / static_cast<double>(accounts->changed);
}

// All formulas of the shipped catalogue over the components of an account.
void Formulas(benchmark::State& state, const Workload& workload) {
  const auto accounts = MakeAccounts(workload);
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(EvaluateAccount(accounts->evaluation, accounts->components[next]));
    next = next + 1 == accounts->components.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace

void RegisterEvaluate(const BenchSizes& sizes) {
  // Two hundred events an account, as an account with some years behind it has.
  const int64_t events = std::min<int64_t>(sizes.events, 200'000);
  const Workload workload{std::max<int64_t>(1, events / 200), events, 1};
  for (const auto& [name, run] :
       {std::pair("evaluate/sum", &Sum), {"evaluate/add", &Add}, {"evaluate/formulas", &Formulas}}) {
    benchmark::RegisterBenchmark(name, [=, run = run](benchmark::State& state) {
      run(state, workload);
    })->MeasureProcessCPUTime();
  }
}

}  // namespace keyfold
