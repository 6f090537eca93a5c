// PDUs in a second of one core's time (so that what else the machine does takes none of it), beside libgammu's on the same
// PDUs where its headers were there at the build
// (script/setup bench). codec_bench [seconds per figure, default 1]
// What is read: hex as from the port -> fields and text in UTF-8. What is written: number and text -> hex for the port.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "at/segment.h"
#include "at/tpdu.h"
#include "at/ucs2.h"

#ifdef KLAXON_HAS_GAMMU
extern "C" {
#include <gammu.h>
}
#endif

namespace {

struct Case {
  const char* name;
  std::string text;
};

std::vector<Case> cases() {
  std::string full;
  while (full.size() < 160) full += "The quick brown fox jumps over the lazy dog. ";
  full.resize(160);
  std::string wide;
  for (int i = 0; i < 70; ++i) wide += "я";
  return {{"40 septets", full.substr(0, 40)}, {"160 septets", full}, {"70 UTF-16 units", wide}};
}

std::string deliver_pdu(const std::string& text) {
  const auto segmented = at::segment_text(text, at::Encoding::automatic, 1).value();
  at::Deliver deliver;
  deliver.tp_oa = at::address_from_display("+447700900123");
  deliver.tp_scts.raw = at::encode_timestamp(1'795'339'800, 0);
  deliver.tp_dcs = segmented.alphabet == at::Alphabet::ucs2 ? 8 : 0;
  deliver.ud.alphabet = segmented.alphabet;
  deliver.ud.units = segmented.parts.front();
  return at::encode_pdu(at::address_from_display("+447700900999"), deliver)->hex;
}

double limit = 1.0;
std::size_t sink = 0;

// Seconds that this program's one thread has had of a core.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Work>
double rate(Work work) {
  for (int i = 0; i < 1000; ++i) work();
  const double begin = processor_seconds();
  std::size_t done = 0;
  double took = 0;
  do {
    for (int i = 0; i < 1000; ++i) work();
    done += 1000;
    took = processor_seconds() - begin;
  } while (took < limit);
  return static_cast<double>(done) / took;
}

double read_rate(const std::string& hex) {
  return rate([&] {
    const auto pdu = at::decode_pdu(hex, at::Direction::from_sc);
    sink += std::get<at::Deliver>(pdu->tpdu).ud.text().size();
  });
}

double write_rate(const std::string& text) {
  return rate([&] {
    const auto segmented = at::segment_text(text, at::Encoding::automatic, 10);
    at::SubmitOptions options;
    options.tp_da = at::address_from_display("+447700900123");
    options.valid_seconds = 86400;
    sink += at::submit_pdu(*segmented, 0, options)->hex.size();
  });
}

#ifdef KLAXON_HAS_GAMMU
// libgammu reads octets into its own wide text; hex and UTF-8 are done around it by its own functions.
double gammu_read_rate(const std::string& hex) {
  return rate([&] {
    const auto octets = at::hex_decode(hex);
    GSM_SMSMessage sms{};
    std::size_t end = 0;
    GSM_DecodePDUFrame(GSM_GetGlobalDebug(), &sms, octets->data(), octets->size(), &end, TRUE);
    static char text[4 * GSM_MAX_SMS_LENGTH];
    EncodeUTF8(text, sms.Text);
    sink += static_cast<unsigned char>(text[0]) + end;
  });
}

double gammu_write_rate(const std::string& text, bool wide) {
  return rate([&] {
    GSM_SMSMessage sms;
    GSM_SetDefaultSMSData(&sms);
    sms.PDU = SMS_Submit;
    sms.SMSC.Validity.Format = SMS_Validity_RelativeFormat;
    sms.SMSC.Validity.Relative = SMS_VALID_1_Day;
    sms.Coding = wide ? SMS_Coding_Unicode_No_Compression : SMS_Coding_Default_No_Compression;
    EncodeUnicode(sms.Number, "+447700900123", 13);
    DecodeUTF8(sms.Text, text.c_str(), text.size());
    sms.Length = static_cast<int>(UnicodeLength(sms.Text));
    static unsigned char octets[GSM_MAX_SMS_LENGTH * 2];
    int size = 0;
    GSM_EncodeSMSFrame(GSM_GetGlobalDebug(), &sms, octets, PHONE_SMSSubmit, &size, TRUE);
    sink += at::hex_encode(octets, static_cast<std::size_t>(size)).size();
  });
}
#endif

void print(const char* what, const char* name, double ours, double theirs) {
  std::printf("%-6s %-16s klaxon %9.0f/s", what, name, ours);
  if (theirs > 0) std::printf("   libgammu %9.0f/s   %5.1f times", theirs, ours / theirs);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) limit = std::atof(argv[1]);
  for (const Case& each : cases()) {
    const std::string hex = deliver_pdu(each.text);
    double theirs = 0;
#ifdef KLAXON_HAS_GAMMU
    theirs = gammu_read_rate(hex);
#endif
    print("read", each.name, read_rate(hex), theirs);
#ifdef KLAXON_HAS_GAMMU
    theirs = gammu_write_rate(each.text, each.text.size() == 140);
#endif
    print("write", each.name, write_rate(each.text), theirs);
  }
  return sink == 0 ? 1 : 0;
}
