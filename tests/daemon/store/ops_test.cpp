#include <CppUTest/TestHarness.h>

#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

TEST_GROUP(Ops) {
  TempDir dir;

  MessageRecord full(Id id) {
    MessageRecord m = message(id);
    m.owner = 3;
    m.broadcast = 9;
    m.text = "Grüße, 東京";
    m.octets = std::string("\x00\xFF\x01", 3);
    m.lane = Lane::alert;
    m.encoding = TextEncoding::ucs2;
    m.flash = true;
    m.report = false;
    m.valid_for_ms = 3'600'000;
    m.send_at_ms = 1'790'000'100'000;
    m.sim = "vodafone-1";
    m.in_doubt = DoubtPolicy::hold;
    m.ref = "ticket-17";
    m.context = R"({"ticket":17})";
    m.replace_type = 7;
    m.languages = 1 << 1 | 1 << 13;
    m.locking = 1;
    m.single = 13;
    m.concat_reference = 200;
    m.durable_late = true;
    m.why = "waits for its time";
    m.due_ms = 1'790'000'100'000;
    m.parts.resize(3);
    return m;
  }
  // What a test keeps across a restart.
  Restored reopened(Desk & desk) {
    desk.close();
    Desk again(dir.path());
    return again.store().restore();
  }
};

TEST(Ops, a_message_comes_back_with_every_field) {
  Desk desk(dir.path());
  const MessageRecord written = full(5);
  CHECK_TRUE(desk.commits({InsertMessage{written}}));
  const auto back = desk.read([](Reader& reader) { return reader.message(5); });
  CHECK_TRUE(back && *back == written);
  CHECK_FALSE(desk.read([](Reader& reader) { return reader.message(6); }));
}

TEST(Ops, messages_can_be_marked_as_written_late_and_stay_so) {
  Desk desk(dir.path());
  MessageRecord message = full(5);
  message.durable_late = false;
  CHECK_TRUE(desk.commits({InsertMessage{message}}));
  message.id = 6;
  CHECK_TRUE(desk.commits({InsertMessage{message}, MarkDurableLate{6, 7}}));
  CHECK_TRUE(desk.commits({UpdateMessage{message}}));
  CHECK_FALSE(desk.read([](Reader& reader) { return reader.message(5); })->durable_late);
  CHECK_TRUE(desk.read([](Reader& reader) { return reader.message(6); })->durable_late);
}

TEST(Ops, an_update_writes_what_changes_and_nothing_else) {
  Desk desk(dir.path());
  MessageRecord expected = full(5);
  CHECK_TRUE(desk.commits({InsertMessage{expected}}));
  const auto change = [](MessageRecord& m) {
    m.state = MessageState::failed;
    m.parts[0] = {MessageState::submitted, "8944000000000000001", "modem0", 17, 1, 2, 3, 0x30};
    m.parts[1] = {MessageState::failed, "8944000000000000002", "modem1", -1, 4, 0, 0, -1};
    m.due_ms = 0;
    m.attempts = 2;
    m.submitted_ms = 11;
    m.delivered_ms = 12;
    m.in_doubt_ms = 13;
    m.unconfirmed = true;
    m.error_code = "cms_38";
    m.error_text = "network out of order";
    m.why = "";
    m.avoid_iccid = "8944000000000000001";
    m.plain = true;
  };
  MessageRecord update = expected;
  change(update);
  update.text = "not written";
  update.owner = 99;
  change(expected);
  CHECK_TRUE(desk.commits({UpdateMessage{update}}));
  const auto back = desk.read([](Reader& reader) { return reader.message(5); });
  CHECK_TRUE(back && *back == expected);
}

TEST(Ops, an_inbound_part_keeps_its_national_tables) {
  Desk desk(dir.path());
  InboundPartRecord part = inbound_part(1, 1, 2);
  part.locking = 1;
  part.single = 2;
  CHECK_TRUE(desk.commits({InsertInboundPart{part}}));
  const Restored all = reopened(desk);
  CHECK_EQUAL(1U, all.open_parts.size());
  CHECK_TRUE(all.open_parts[0].locking == 1 && all.open_parts[0].single == 2);
}

TEST(Ops, inbox_rows_come_back) {
  Desk desk(dir.path());
  InboxRecord item = inbox_item(4);
  item.octets = std::string("\x00\x01", 2);
  item.sent_ms = 1'789'999'999'000;
  item.segments = 3;
  item.complete = false;
  item.missing = {2, 3};
  item.replaces = 2;
  item.keyword = "OUTAGE";
  item.defects = "bad_scts";
  item.durable_late = true;
  CHECK_TRUE(desk.commits({InsertInbox{item}}));
  const auto back = desk.read([](Reader& reader) { return reader.inbox_item(4); });
  CHECK_TRUE(back.has_value());
  STRCMP_EQUAL(item.from.c_str(), back->from.c_str());
  STRCMP_EQUAL(item.iccid.c_str(), back->iccid.c_str());
  STRCMP_EQUAL("Yes", back->text.c_str());
  CHECK_TRUE(back->octets == item.octets);
  CHECK_EQUAL(item.received_ms, back->received_ms);
  CHECK_EQUAL(item.sent_ms, back->sent_ms);
  CHECK_EQUAL(3, back->segments);
  CHECK_FALSE(back->complete);
  CHECK_TRUE(back->missing == item.missing);
  CHECK_EQUAL(2U, back->replaces);
  STRCMP_EQUAL("OUTAGE", back->keyword.c_str());
  STRCMP_EQUAL("bad_scts", back->defects.c_str());
  CHECK_TRUE(back->durable_late);
}

TEST(Ops, inbound_parts_come_back_until_they_are_released) {
  Desk desk(dir.path());
  InboundPartRecord part = inbound_part(3);
  part.secret_verdict = 2;
  part.keyword = "OUTAGE";
  part.defects = "odd_length";
  part.sent_ms = 5;
  part.alphabet = 2;
  CHECK_TRUE(desk.commits({InsertInboundPart{part}, InsertInboundPart{inbound_part(4)}}));
  CHECK_TRUE(desk.commits({MarkPartsReleased{{4}}}));
  const Restored after = reopened(desk);
  LONGS_EQUAL(1, after.open_parts.size());
  const InboundPartRecord& back = after.open_parts[0];
  CHECK_EQUAL(3U, back.id);
  STRCMP_EQUAL("8944000000000000001", back.iccid.c_str());
  STRCMP_EQUAL("modem0", back.modem.c_str());
  STRCMP_EQUAL("SM", back.mem.c_str());
  CHECK_EQUAL(4, back.index);
  STRCMP_EQUAL(part.pdu.c_str(), back.pdu.c_str());
  CHECK_EQUAL(part.key_hash, back.key_hash);
  STRCMP_EQUAL("+447700900124", back.sender.c_str());
  CHECK_EQUAL(1, back.sender_ton);
  CHECK_EQUAL(5, back.sent_ms);
  CHECK_EQUAL(part.received_ms, back.received_ms);
  CHECK_EQUAL(1, back.total);
  CHECK_EQUAL(2, back.alphabet);
  STRCMP_EQUAL("units 3", back.units.c_str());
  CHECK_EQUAL(2, back.secret_verdict);
  STRCMP_EQUAL("OUTAGE", back.keyword.c_str());
  STRCMP_EQUAL("odd_length", back.defects.c_str());
  CHECK_FALSE(back.released);
  LONGS_EQUAL(2, after.known_keys.size());
}

TEST(Ops, a_broadcast_is_kept_with_its_numbers_and_read_without) {
  Desk desk(dir.path());
  BroadcastRecord b;
  b.id = 2;
  b.owner = 1;
  b.group = "all-staff";
  b.keyword = "OUTAGE";
  b.from = "+447700900123";
  b.from_iccid = "8944000000000000001";
  b.form = full(0);
  b.numbers = {"+447700900001", "+447700900002", "+447700900003"};
  b.expanded = 1;
  b.created_ms = 1'790'000'000'000;
  b.answer_due = true;
  CHECK_TRUE(desk.commits({SaveBroadcast{b}}));
  const auto read = desk.read([](Reader& reader) { return reader.broadcast(2); });
  CHECK_TRUE(read && read->numbers.empty() && read->form == b.form);
  STRCMP_EQUAL("OUTAGE", read->keyword.c_str());
  LONGS_EQUAL(1, desk.read([](Reader& reader) { return reader.broadcasts({}); }).size());
  CHECK_TRUE(desk.commits({SaveBroadcastProgress{2, 3, true, 0}}));
  const Restored after = reopened(desk);
  LONGS_EQUAL(1, after.broadcasts.size());
  CHECK_TRUE(after.broadcasts[0].numbers == b.numbers);
  LONGS_EQUAL(3, after.broadcasts[0].expanded);
  CHECK_TRUE(after.broadcasts[0].answer_due);
  CHECK_EQUAL(3U, after.next_broadcast);
}

TEST(Ops, a_broadcast_that_is_done_is_not_restored) {
  Desk desk(dir.path());
  BroadcastRecord b;
  b.id = 1;
  b.numbers = {"+447700900001"};
  b.answer_due = true;
  CHECK_TRUE(desk.commits({SaveBroadcast{b}, SaveBroadcastProgress{1, 1, false, 99}}));
  CHECK_EQUAL(99, desk.read([](Reader& reader) { return reader.broadcast(1); })->answered_ms);
  LONGS_EQUAL(0, reopened(desk).broadcasts.size());
}

TEST(Ops, groups_and_keywords_are_replaced_and_deleted) {
  Desk desk(dir.path());
  KeywordRecord k{"OUTAGE",
                  {"group:it-oncall", "+447700900123"},
                  true,
                  "pin:file:outage.pin",
                  "broadcast",
                  "all-staff",
                  "IT outage: {{args}}",
                  Lane::alert,
                  false,
                  60'000};
  KeywordRecord gone, first;
  gone.word = "GONE";
  first.word = "OUTAGE";
  CHECK_TRUE(desk.commits({SaveGroup{{"it-oncall", {"+447700900001"}}}, SaveGroup{{"gone", {}}},
                           SaveKeyword{gone}, SaveKeyword{first}}));
  CHECK_TRUE(desk.commits({SaveGroup{{"it-oncall", {"Ana Ruiz", "+447700900123"}}}, DeleteGroup{"gone"},
                           SaveKeyword{k}, DeleteKeyword{"GONE"}}));
  const Restored after = reopened(desk);
  LONGS_EQUAL(1, after.groups.size());
  CHECK_TRUE((after.groups[0].members == std::vector<std::string>{"Ana Ruiz", "+447700900123"}));
  LONGS_EQUAL(1, after.keywords.size());
  const KeywordRecord& back = after.keywords[0];
  CHECK_TRUE(back.from == k.from && back.from_given && back.secret == k.secret && back.action == k.action);
  CHECK_TRUE(back.group == k.group && back.text == k.text && back.lane == Lane::alert && !back.report);
  CHECK_EQUAL(60'000, back.cooldown_ms);
}

TEST(Ops, contacts_come_back_and_go_with_what_names_them) {
  Desk desk(dir.path());
  const ContactRecord ana{"Ana Ruiz", {"+34600111222", "+34600111333"}, {"madrid", "it"}};
  const ContactRecord zoe{"Zoë / 王", {"12345"}, {}};
  CHECK_TRUE(desk.commits({ChangeContacts{{}, {{"Ana", {"12345"}, {}}, zoe}, {{"staff", {"Ana"}}}}}));
  CHECK_TRUE(desk.commits({ChangeContacts{{"Ana"}, {ana}, {{"staff", {"Ana Ruiz"}}}}}));
  const Restored after = reopened(desk);
  CHECK_TRUE((after.contacts == std::vector<ContactRecord>{ana, zoe}));
  CHECK_TRUE((after.groups.at(0).members == std::vector<std::string>{"Ana Ruiz"}));
}

TEST(Ops, tokens_sims_days_locks_and_counts_come_back) {
  Desk desk(dir.path());
  const TokenRecord token{4, "ops", "main", std::string(32, '\0'), {"send", "read"}, 10, 20};
  const SimRecord sim{"8944000000000000001",
                      "234150000000001",
                      "+447700900001",
                      "modem0",
                      1,
                      2,
                      255,
                      std::string(32, '\x01'),
                      true};
  StateCounts counts(kLanes * kMessageStates, 0);
  counts[5] = 12345678901;
  CHECK_TRUE(desk.commits(
      {SaveToken{token}, SaveSim{sim}, SaveSimDay{{"8944000000000000001", "2026-11-22", 7}},
       SaveSimDay{{"8944000000000000001", "2026-11-22", 8}}, SaveLock{{"+447700900123", 5, 1, 99}},
       SaveLock{{"+447700900124", 1, 0, 0}}, SaveCounts{counts}}));
  CHECK_TRUE(desk.commits({SaveLock{{"+447700900124", 0, 0, 0}}}));
  const Restored after = reopened(desk);
  LONGS_EQUAL(1, after.tokens.size());
  CHECK_TRUE(after.tokens[0].sha256 == token.sha256 && after.tokens[0].scopes == token.scopes);
  CHECK_EQUAL(20, after.tokens[0].revoked_ms);
  CHECK_EQUAL(5U, after.next_token);
  LONGS_EQUAL(1, after.sims.size());
  CHECK_TRUE(after.sims[0].imsi == sim.imsi && after.sims[0].number == sim.number &&
             after.sims[0].modem == "modem0");
  CHECK_TRUE(after.sims[0].last_tp_mr == 255 && after.sims[0].pin_refused);
  CHECK_TRUE(after.sims[0].pin_tried_sha256 == sim.pin_tried_sha256);
  LONGS_EQUAL(1, after.sim_days.size());
  CHECK_EQUAL(8, after.sim_days[0].segments);
  LONGS_EQUAL(1, after.locks.size());
  CHECK_EQUAL(5, after.locks[0].failures);
  CHECK_TRUE(after.counts == counts);
}

TEST(Ops, opt_outs_come_back_and_their_ids_are_never_given_twice) {
  Desk desk(dir.path());
  CHECK_TRUE(desk.commits({SaveOptOut{{1, "+34600111222", "text", 5}}, SaveOptOut{{2, "+447700900123", "token:crm", 6}}}));
  CHECK_TRUE(desk.commits({DeleteOptOut{"+447700900123"}}));
  const Restored after = reopened(desk);
  LONGS_EQUAL(1, after.opt_outs.size());
  CHECK_TRUE(after.opt_outs[0].number == "+34600111222" && after.opt_outs[0].by == "text" && after.opt_outs[0].since_ms == 5);
  CHECK_EQUAL(3U, after.next_opt_out);
}

TEST(Ops, audit_rows_are_read_in_order) {
  Desk desk(dir.path());
  CHECK_TRUE(desk.commits({InsertAudit{{1, 10, "token:ops", "token.created", "token 4"}},
                           InsertAudit{{2, 20, "klaxond", "start", ""}}}));
  const auto rows = desk.read([](Reader& reader) { return reader.audit({.after = 0, .limit = 10}); });
  LONGS_EQUAL(2, rows.size());
  STRCMP_EQUAL("token.created", rows[0].action.c_str());
  STRCMP_EQUAL("klaxond", rows[1].actor.c_str());
  LONGS_EQUAL(1, desk.read([](Reader& reader) { return reader.audit({.after = 1, .limit = 10}); }).size());
}

TEST(Ops, idempotency_keys_live_in_the_table_of_their_day) {
  constexpr std::int64_t kNoon = 1'795'348'800'000;  // 2026-11-22 12:00 UTC
  constexpr std::int64_t kDay = 86'400'000;
  Desk desk(dir.path());
  const std::string key(16, '\x05'), old_key(16, '\x06'), body(16, '\0');
  CHECK_TRUE(desk.commits({SaveIdempotency{{old_key, body, "2026-11-21", 1, 1, 0}},
                           SaveIdempotency{{key, body, "2026-11-22", 40, 3, 9}}, Maintain{kNoon}}));
  const auto find = [&](const std::string& one) {
    return desk.read([&](Reader& reader) { return reader.idempotency(one); });
  };
  const auto found = find(key);
  CHECK_TRUE(found && found->body_hash == body && found->first_id == 40 && found->count == 3);
  STRCMP_EQUAL("2026-11-22", found->day.c_str());
  CHECK_EQUAL(9U, found->broadcast);
  CHECK_TRUE(find(old_key).has_value());
  CHECK_TRUE(desk.commits({Maintain{kNoon + kDay}}));
  CHECK_FALSE(find(old_key).has_value());
  CHECK_TRUE(find(key).has_value());
  CHECK_TRUE(
      desk.commits({Maintain{kNoon + 2 * kDay}, SaveIdempotency{{old_key, body, "2026-11-24", 2, 1, 0}}}));
  CHECK_FALSE(find(key).has_value());
  CHECK_TRUE(find(old_key).has_value());
}

TEST(Ops, a_day_that_is_none_never_becomes_sql) {
  Desk desk(dir.path());
  const auto completion = desk.commit({SaveIdempotency{{"k", "b", "2026-11-2x", 1, 1, 0}}});
  CHECK_TRUE(completion.failure.has_value());
  STRCMP_CONTAINS("not a day", completion.failure->text.c_str());
}

TEST(Ops, maintain_drops_old_parts_that_were_given_out_and_nothing_else) {
  constexpr std::int64_t kDay = 86'400'000;
  Desk desk(dir.path());
  const std::int64_t made = inbound_part(1).received_ms;
  InboundPartRecord late = inbound_part(3);
  late.received_ms += 20 * kDay;
  CHECK_TRUE(desk.commits({InsertInboundPart{inbound_part(1)}, InsertInboundPart{inbound_part(2)},
                           InsertInboundPart{late}, MarkPartsReleased{{1, 3}}, Maintain{made + 31 * kDay}}));
  desk.close();
  auto db = Connection::open(dir.database(), Connection::Use::read);
  CHECK_EQUAL(2, db->number("SELECT count(*) FROM inbound_parts WHERE id IN (2,3)").value_or(0));
  CHECK_EQUAL(2, db->number("SELECT count(*) FROM inbound_parts").value_or(0));
}
