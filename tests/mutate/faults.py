"""Faults that tests must catch: what tools/mutate plants, one at a time, and which tests it then runs."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Edit:
    """Replaces `old`, which stands in the file exactly once, by `new`."""

    file: str
    old: str
    new: str


@dataclasses.dataclass(frozen=True)
class Fault:
    """`breaks` says what no longer holds. `tests` are tried in this order: TEST or TEST:GTEST_FILTER."""

    name: str
    breaks: str
    tests: tuple
    edits: tuple


_WORKER = "src/engine/worker.cc"
_PARTITIONS = "src/engine/worker_partitions.cc"
_SHARD_BOOK = "src/engine/shard_book.cc"
_ACCOUNT_SHARD = "src/engine/account_shard.cc"
_SIMULATION = "worker_simulation_test:*.SurvivesACrashAtEveryStep:*.SurvivesSeeds1To250"

FAULTS = (
    Fault(
        "state_before_commit", "A shard's state is stored before its transaction is committed.",
        ("worker_test", _SIMULATION),
        (Edit(_WORKER, "  const absl::Status committed = CommitTransaction(",
              "  for (Partition* partition : moved) KEYFOLD_RETURN_IF_ERROR(partition->shard->PostCommit());\n"
              "  KEYFOLD_RETURN_IF_ERROR(Flush());\n"
              "  const absl::Status committed = CommitTransaction("),)),
    Fault(
        "unknown_is_committed", "A transaction whose outcome is unknown counts as committed.",
        ("worker_test", _SIMULATION),
        (Edit(_WORKER, "if (result.outcome == CommitOutcome::kCommitted) return",
              "if (result.outcome != CommitOutcome::kAborted) return"),)),
    Fault(
        "replay_begins_late", "A replay leaves out the first record of the gap.",
        ("worker_test", _SIMULATION),
        (Edit(_PARTITIONS, "partition.waiting.front().offset < shard.next_offset()",
              "partition.waiting.front().offset <= shard.next_offset()"),)),
    Fault(
        "replay_goes_too_far", "A replay takes the first record after the commit with it, and does not publish it.",
        ("worker_test", _SIMULATION),
        (Edit(_PARTITIONS, "while (!partition.waiting.empty() && partition.waiting.front().offset < committed) {",
              "while (!partition.waiting.empty() && partition.waiting.front().offset <= committed) {"),)),
    Fault(
        "table_file_without_sync", "A table file is added without syncing the log before it.",
        ("rocks_power_cut_test", "rocks_crash_test"),
        (Edit("src/store/table_file.cc", "if (status.ok()) status = database.SyncWAL();", ""),)),
    Fault(
        "given_up_sweep_forgotten", "After a gap of several transactions the last sweep does not publish all.",
        ("worker_gap_test",),
        (Edit(_ACCOUNT_SHARD, "replayed_.has_value() && (!replays_one_transaction_ || book_.meta.sweep_behind());",
              "false;"),)),
    Fault(
        "any_gap_is_one_transaction", "A gap of several transactions is taken for one, which is repeated exactly.",
        ("worker_gap_test", _SIMULATION),
        (Edit("src/engine/account_shard_sweep.cc",
              "replays_one_transaction_ = replayed_->from_offset() == book_.meta.next_offset();",
              "replays_one_transaction_ = true;"),)),
    Fault(
        "offset_beside_the_batch", "A shard's offset is stored by a write of its own, after the state.",
        ("shard_account_test", "worker_test", _SIMULATION),
        (Edit("src/store/write_behind_store.cc", "entries->AppendInOrder(std::move(last));",
              "KEYFOLD_RETURN_IF_ERROR(behind_->Write(std::move(last)));"),)),
    Fault(
        "flush_with_a_batch_pending", "What a pending transaction has changed is stored by a flush.",
        ("worker_test", "worker_batch_test", _SIMULATION),
        (Edit(_ACCOUNT_SHARD, "return book_.pending() ? absl::OkStatus() : FlushKept();",
              "return FlushKept();"),)),
    Fault(
        "epoch_begins_unwritten", "What was gathered is not stored before an epoch begins.",
        ("worker_batch_test", _SIMULATION),
        (Edit(_ACCOUNT_SHARD, "if (decoded.empty() && (moves_day || IsRate(next))) KEYFOLD_RETURN_IF_ERROR(FlushKept());",
              ""),)),
    Fault(
        "fingerprint_skipped", "A topic that was created again under the same name is taken for the old one.",
        ("worker_test",),
        (Edit(_PARTITIONS, "ShardBook::Fingerprint(first) != meta.last_record_hash()", "false"),)),
    Fault(
        "sweep_not_committed", "How far a sweep has come is not part of its transaction.",
        ("shard_test", "worker_test", _SIMULATION),
        (Edit(_SHARD_BOOK, "*metadata.mutable_sweep() = meta.sweep();", ""),)),
    Fault(
        "dead_letter_dropped", "A rejected record does not reach the dead letters.",
        ("shard_test", "shard_account_test", _SIMULATION),
        (Edit(_SHARD_BOOK, "results.push_back(DeadLetterOf(record, rejection, identity.topic));",
              "static_cast<void>(DeadLetterOf(record, rejection, identity.topic));"),)),
    Fault(
        "lower_revision_applied", "An older revision of an event replaces a newer one.",
        ("fold_batch_test",),
        (Edit("src/fold/fold_batch.cc", "event->revision() < old_event->revision()", "false"),)),
    Fault(
        "left_group_not_told", "The second stage is not told of a group that a sweep has emptied.",
        ("shard_group_test", "shard_account_test", _SIMULATION),
        (Edit("src/fold/group_changes.cc", "if (change.publish || change.always || sums.accounts == 0)",
              "if ((change.publish || change.always) && sums.accounts != 0)"),)),
    Fault(
        "erased_account_in_group", "An account that is erased leaves its share in its groups.",
        ("shard_group_test", "shard_account_test", _SIMULATION),
        (Edit("src/engine/account_shard_evaluate.cc", "if (before != nullptr) move(before, nullptr);",
              "if (before != nullptr && after != nullptr) move(before, nullptr);"),)),
    Fault(
        "alert_told_twice", "An alert that stays raised is published with every change of the account.",
        ("shard_alert_test", _SIMULATION),
        (Edit("src/fold/alerts.cc", "if (change.known && raised == Contains(change.before, id)) continue;",
              "if (change.known && !raised && !Contains(change.before, id)) continue;"),
         Edit("src/fold/alerts.cc", "  if (change.known && change.before == change.after) return;\n", ""))),
    Fault(
        "rebuild_forgets_alerts", "A rebuild raises again what is raised.",
        ("rebuild_alert_test",),
        (Edit("src/engine/rebuild.cc", "    KEYFOLD_ASSIGN_OR_RETURN(state.raised_alerts, RaisedAlerts());\n", ""),)),
    Fault(
        "recovery_trusts_alerts", "After a loss it is taken for granted that nothing else was raised.",
        ("shard_alert_test", _SIMULATION),
        (Edit("src/engine/account_shard_evaluate.cc",
              "const bool known = !IsAfresh(update.cause) || book_.meta.sweep().alerts_known();", "const bool known = true;"),)),
    Fault(
        "backtest_looks_ahead", "A month end whose horizon is not over counts as if nothing had come.",
        ("backtest_test",),
        (Edit("src/ask/backtest.cc", "last_day_(latest - horizon_days)", "last_day_(latest)"),)),
    Fault(
        "midnight_is_yesterday", "The first second of a day belongs to the day before.",
        ("calendar_test",),
        (Edit("src/base/calendar.cc", "const int64_t local = epoch_seconds + std::prev(later)->seconds;",
              "const int64_t local = epoch_seconds + std::prev(later)->seconds - 1;"),)),
    Fault(
        "damaged_log_read_on", "What stands in the log behind a damaged record is applied.",
        ("rocks_crash_test",),
        (Edit("src/store/rocks_environment.cc", "rocksdb::WALRecoveryMode::kPointInTimeRecovery",
              "rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords"),)),
    Fault(
        "reader_at_no_moment", "A question reads the log of one moment and the table files of another.",
        ("rocks_reader_test",),
        (Edit("src/store/frozen_files.cc", "  if (frozen->IsOutdated()) return rocksdb::Status::TryAgain();\n  *files",
              "  *files"),)),
    Fault(
        "erasure_of_no_account", "A key that is not UTF-8 with no value counts as an erasure, and not as a dead letter.",
        ("decoder_test",),
        (Edit("src/event/decoder.cc", "if (!IsUtf8(account_id))", "if (false)"),)),
    Fault(
        "erasure_without_data", "A CloudEvent without data makes an account forgotten.",
        ("cloud_event_test",),
        (Edit("src/event/decoder.cc", "    if (binary) {\n", "    if (false) {\n"),)),
    Fault(
        "batch_with_its_first_fault", "What is wrong with one event of a batch hides the others.",
        ("shard_list_test",),
        (Edit(_ACCOUNT_SHARD, "      problems.Add(i, *rejection);\n      continue;",
              "      problems.Add(i, *rejection);\n      break;"),)),
    Fault(
        "trace_of_another_event", "An update names the trace of an event that did not cause it.",
        ("shard_list_test",),
        (Edit("src/fold/fold_batch.cc", "  change.traceparent = event.traceparent();",
              "  if (change.traceparent.empty()) change.traceparent = event.traceparent();"),)),
    Fault(
        "event_stored_as_it_came", "An event is stored without what it took from the CloudEvent around it.",
        ("cloud_event_test",),
        (Edit("src/event/decoder.cc", "if (arena == nullptr || around != nullptr) protobuf = {};",
              "if (arena == nullptr) protobuf = {};"),)),
    Fault(
        "stream_goes_on_after_a_hole", "A stream whose reader would have to be told what was forgotten goes on.",
        ("stream_resume_test",),
        (Edit("src/live/stream_cursor.cc", "  if (HasLost(ends.known_from)) return Outcome::kLost;\n", ""),)),
    Fault(
        "stream_id_ahead", "The id of a stream runs ahead of what is still queued for its reader.",
        ("stream_resume_test",),
        (Edit("src/live/stream_cursor.cc", "  if (queue_.empty()) position_.told = before;", "  position_.told = before;"),)),
    Fault(
        "reset_without_id", "A reader that is cut off after a reset resumes from an id of before it.",
        ("stream_resume_test",),
        (Edit("src/live/subscription.cc", "    EndEvent(out);\n  }", "  }"),)),
    Fault(
        "expired_token_lets_in", "A token is in force after its end.",
        ("tokens_test", "server_test"),
        (Edit("src/rights/tokens.cc", "(!record.expires.has_value() || now < *record.expires)",
              "now > absl::InfinitePast()"),)),
    Fault(
        "path_climbs", "A path with an escaped .. is taken.",
        ("http_test", "server_test"),
        (Edit("src/gateway/http.cc", 'if (Climbs(segment)) return absl::InvalidArgumentError("the path climbs");',
              'if (Climbs(segment) && segment.empty()) return absl::InvalidArgumentError("the path climbs");'),)),
    Fault(
        "stream_outlives_rights", "A stream goes on when its token was revoked.",
        ("stream_test",),
        (Edit("src/gateway/connection_stream.cc",
              "stream_ended_ |= !server_.admission.StillHolds(exchange_->request.who, absl::Now());", ""),)),
    Fault(
        "stuck_reader_stays", "A reader that takes nothing keeps its connection.",
        ("stream_test",),
        (Edit("src/gateway/connection.cc",
              "if (writes && !output_.empty() && now_ms - progress_ms_ > server_.config.write_ms_max) return Close();",
              "if (writes && output_.empty() && now_ms < 0) return Close();"),)),
    Fault(
        "body_before_token", "The body of a request is read before its token is looked at.",
        ("server_test",),
        (Edit("src/gateway/connection.cc", "if (!Admit(state)) return;",
              "if (state == RequestParser::State::kBody && parser_->Parse(input_) != RequestParser::State::kDone) return;\n"
              "    if (!Admit(state)) return;"),)),
    Fault(
        "foreign_page_changes", "A page of elsewhere changes something with the browser's cookie.",
        ("signed_in_test",),
        (Edit("src/gateway/admission.cc", 'if (request.method == "GET") return std::nullopt;', "return std::nullopt;"),)),
    Fault(
        "anybody_is_a_proxy", "Whoever sends the proxy's header is believed.",
        ("signed_in_test",),
        (Edit("src/gateway/admission.cc", "const bool by_proxy = proxies_.Contains(request.remote);",
              "const bool by_proxy = true;"),)),
    Fault(
        "contract_open_a_day_longer", "A contract is said to end on the day after its last one.",
        ("open_test",),
        (Edit("src/account/open.cc", "thing->due = *until - 1;", "thing->due = *until;"),)),
    Fault(
        "due_a_day_late", "An opportunity falls due on the day on which it is overdue.",
        ("api_open_test",),
        (Edit("src/ask/open_things.cc", "{Measure::kPipelineOverdue, EntityKind::kOpportunity, 1},",
              "{Measure::kPipelineOverdue, EntityKind::kOpportunity, 0},"),)),
    Fault(
        "half_is_rounded_to_zero", "Half a cent is rounded to zero instead of away from it.",
        ("decimal_test",),
        (Edit("src/expression/decimal.cc", "if (magnitude < against - magnitude) return quotient;",
              "if (magnitude <= against - magnitude) return quotient;"),)),
    Fault(
        "correction_keeps_its_revision", "A fact that has changed is sent with the revision that it had.",
        ("sent_events_test",),
        (Edit("src/importing/sent_events.cc", "std::max(before->revision + 1, revision_min)", "before->revision"),)),
    Fault(
        "stored_counts_as_delivered", "What was stored counts as delivered: a crash in between loses it.",
        ("sent_events_test",),
        (Edit("src/importing/sent_events.cc", "const bool certain = known.batch <= delivered_;", "const bool certain = true;"),)),
    Fault(
        "damage_takes_what_follows", "A damaged record of a CSV takes the line after it with it.",
        ("csv_reader_test",),
        (Edit("src/exports/csv_reader.cc", "  KEYFOLD_RETURN_IF_ERROR(SkipLine());\n  return Outcome::kDamaged;",
              "  KEYFOLD_RETURN_IF_ERROR(SkipLine());\n  KEYFOLD_RETURN_IF_ERROR(SkipLine());\n  return Outcome::kDamaged;"),)),
    Fault(
        "refused_by_kafka_is_accepted", "A posted event that Kafka did not take is answered as accepted.",
        ("event_producer_test",),
        (Edit("src/posting/event_producer.cc",
              "    event.status = PostedStatus::kUnacknowledged;\n    event.reason = std::string(status.message());",
              "    event.reason = std::string(status.message());"),)),
    Fault(
        "readers_post", "Any token may send events.",
        ("api_post_events_test",),
        (Edit("src/api/api.cc", "return who.Is(Role::kProducer) || who.Is(Role::kAdmin);", "return !who.roles.empty();"),)),
    Fault(
        "a_post_erases", "A line that erases an account is sent as an event of nobody.",
        ("posted_events_test",),
        (Edit("src/intake/posted_events.cc", "  const auto* const rejection = std::get_if<Rejection>(&decoded);",
              "  if (std::holds_alternative<Erasure>(decoded)) posted.status = PostedStatus::kValid;\n"
              "  const auto* const rejection = std::get_if<Rejection>(&decoded);"),)),
    Fault(
        "any_secret_fits", "A webhook that is signed with another secret is taken.",
        ("signature_test",),
        (Edit("src/hooks/signature.cc", "right |= EqualInConstantTime(HmacSha256Hex(secret, signed_text), *digest);",
              "right |= !digest->empty() || secret.empty();"),)),
    Fault(
        "old_signatures_hold", "What was signed at any time may be sent again.",
        ("signature_test",),
        (Edit("src/hooks/signature.cc", "if (absl::AbsDuration(now - *time) > absl::Seconds(signature.age_s_max)) {",
              "if (now < *time && absl::AbsDuration(now - *time) > absl::Seconds(signature.age_s_max)) {"),)),
    Fault(
        "unsigned_hooks_are_open", "A hook without a signature takes webhooks of anybody.",
        ("api_hooks_test",),
        (Edit("src/api/post_events.cc", "  if (!hook.is_signed()) {\n", "  if (!hook.is_signed()) {\n    return std::nullopt;\n"),)),
    Fault(
        "lines_in_the_order_they_came", "The lines of an invoice stand in the order in which a document has them.",
        ("hooks_test",),
        (Edit("src/exports/document_mapper.cc", "    keyed.Sort();\n", ""),)),
    Fault(
        "fed_on_after_an_abort", "After a transaction of a feed that did not pass it goes on with the next records.",
        ("feeder_test",),
        (Edit("src/feed/feeder.cc", "    goes_back_ = true;\n    records_max_", "    records_max_"),)),
    Fault(
        "a_feed_never_shrinks", "A transaction of a feed that was too large for the line comes again as large.",
        ("feeder_test",),
        (Edit("src/feed/feeder.cc", "std::max<size_t>(records_max_ / 2, 1)", "records_max_"),)),
    Fault(
        "fed_under_their_old_keys", "Events of another topic keep the keys that they had there.",
        ("input_test",),
        (Edit("src/feed/input.cc", "output.key = std::move(account);\n", "output.key = std::string(record.key.value_or(\"\"));\n"),)),
    Fault(
        "lookups_lag_behind", "A feed looks up in what has come of a lookup's topic, and not in what was there.",
        ("fed_lookups_test",),
        (Edit("src/feed/feeder.cc", "lookups_.CatchUp(); !caught_up", "lookups_.Follow(); !caught_up"),)),
    Fault(
        "lookups_end_where_they_ended", "A lookup's topic is read up to an end that it had earlier.",
        ("lookup_topic_test",),
        (Edit("src/feed/lookup_topic.cc", "  KEYFOLD_RETURN_IF_ERROR(reader_->LookForEnds());\n", ""),)),
    Fault(
        "rows_outlive_their_tombstones", "A lookup keeps rows that a tombstone has taken away.",
        ("lookup_rows_test",),
        (Edit("src/feed/lookup_rows.cc", "    table_.Remove(key);\n", ""),)),
    Fault(
        "rates_go_to_one_partition", "A feed writes a rate to one partition instead of each.",
        ("feeder_test",),
        (Edit("src/feed/feeder.cc", "    copy.partition = partition;\n", ""),)),
    Fault(
        "deleted_rows_stay", "A row of which a mapping says that it is gone is an event like any other.",
        ("mapping_test", "input_test"),
        (Edit("src/mapping/event_template.cc", "event.set_retracted(retracted.truth);", "event.set_retracted(false);"),)),
    Fault(
        "a_bad_row_takes_its_group", "One bad row of a group, an account or a record takes all of its rows with it.",
        ("mapping_rows_test",),
        (Edit("src/mapping/unit_maker.cc", "  if (!evaluation_.bad_rows.empty()) return KeepOthers({});\n", ""),)),
    Fault(
        "a_note_becomes_records", "The lines of a cell are read as records where its own record is damaged.",
        ("csv_reader_test",),
        (Edit("src/exports/csv_reader.cc", "if (fits || !LinesAreRecords()) {", "if (fits) {"),)),
    Fault(
        "totals_are_rejected", "A line of totals is rejected for its cells, whatever `skip` says of it.",
        ("import_test",),
        (Edit("src/mapping/mapping.cc", "    if (!condition.holds.Evaluate(evaluation, holds)) {\n      if (problem.reason",
              "    if (damage != nullptr || !condition.holds.Evaluate(evaluation, holds)) {\n      if (problem.reason"),)),
)
