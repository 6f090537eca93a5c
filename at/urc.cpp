#include "at/urc.h"

namespace at {

namespace {

using enum UrcKind;

struct Row {
  std::string_view text;  // compared without blanks
  UrcKind kind;
  bool whole = false;  // the whole line, not only its start
};

// The first match counts: longer forms stand before their prefix.
constexpr Row kRows[] = {
    {"+CMTI:", stored_message},
    {"+CDSI:", stored_report},
    {"+CMT:", routed_message},
    {"+CDS:", routed_report},
    {"+CBM:", routed_broadcast},
    {"+CREG:", registration},
    {"+CGREG:", registration},
    {"+CEREG:", registration},
    {"+C5GREG:", registration},
    {"+CPIN:", sim},
    {"+QSIMSTAT:", sim},
    {"^SIMST:", sim},
    {"^SCKS:", sim},
    {"+SIMREADY", sim},
    {"+SIM:", sim},
    {"+SIMDROP", sim},
    {"#QSS:3", sms_ready},
    {"#QSS:", sim},
    {"+WIND:4", sms_ready},
    {"+WIND:0", sim, true},
    {"+WIND:1", sim, true},
    {"+WIND:", ignored},
    {"RDY", boot, true},
    {"+CFUN:1", boot, true},
    {"START", boot, true},
    {"*ATREADY:", boot},
    {"^SYSSTART", boot},
    {"^SHUTDOWN", boot},
    {"MODEM:STARTUP", boot},
    {"NORMALPOWERDOWN", boot},
    {"POWEREDDOWN", boot},
    {"*EMRDY:", boot},
    {"+AT:READY", boot},
    {"SMSReady", sms_ready, true},
    {"SMSDONE", sms_ready, true},
    {"+QIND:SMSDONE", sms_ready},
    {"+QIND:\"smsfull\"", storage_full},
    {"+QIND:", ignored},
    {"^SMMEMFULL", storage_full},
    {"^SMGO:", storage_full},
    {"+CIEV:smsfull,1", storage_full},
    {"+CIEV:\"smsfull\",1", storage_full},
    {"+CIEV:", ignored},
    {"UNDER-VOLTAGE", supply},
    {"UNDER_VOLTAGE", supply},
    {"OVER-VOLTAGE", supply},
    {"OVER_VOLTAGE", supply},
    {"^SBC:", supply},
    {"RING", call, true},
    {"+CRING:", call},
    {"+CLIP:", call},
    {"+CCWA:", call},
    {"+CSQ:", UrcKind::signal},
    {"^RSSI:", UrcKind::signal},
    {"^RSSILVL:", UrcKind::signal},
    {"^HRSSILVL:", UrcKind::signal},
    {"^HCSQ:", UrcKind::signal},
    {"^LTERSRP:", UrcKind::signal},
    {"NOCARRIER", ignored, true},
    {"BUSY", ignored, true},
    {"NOANSWER", ignored, true},
    {"NODIALTONE", ignored, true},
    {"CallReady", ignored, true},
    {"PBDONE", ignored, true},
    {"VOICECALL:", ignored},
    {"+CUSD:", ussd},
    {"+CGEV:", ignored},
    {"+CTZV:", ignored},
    {"+CTZE:", ignored},
    {"*PSUTTZ:", ignored},
    {"DST:", ignored},
    {"+NITZ:", ignored},
    {"+QNITZ:", ignored},
    {"+CNSMOD:", ignored},
    {"+QUSIM:", ignored},  // Quectel at each start, after RDY
    {"+QGPSURC:", ignored},
    {"+QLWURC:", ignored},
    {"+QTONEDET:", ignored},
    {"+STIN:", ignored},
    {"+STGI:", ignored},
    {"+CUSATP:", ignored},
    {"+CUSATEND", ignored},
    {"^STIN:", ignored},
    {"*ESTKSMENU:", ignored},
    {"*ESTKSMS:", ignored},
    {"^MODE:", ignored},
    {"^SYSINFO:", ignored},
    {"^BOOT:", ignored},  // Huawei's heartbeat: says nothing about the AT side
    {"^DSFLOWRPT:", ignored},
    {"^DSDORMANT:", ignored},
    {"^NDISSTAT:", ignored},
    {"^NDISEND:", ignored},
    {"^PDPDEACT:", ignored},
    {"^SRVST:", ignored},
    {"^ORIG:", ignored},
    {"^CONF:", ignored},
    {"^CONN:", ignored},
    {"^CEND:", ignored},
    {"^DDTMF:", ignored},
    {"^CCALLSTATE:", ignored},
    {"^RFSWITCH:", ignored},
    {"^POSITION:", ignored},
    {"^POSEND:", ignored},
    {"^ECCLIST:", ignored},
    {"^EONS:", ignored},
    {"^LWURC:", ignored},
    {"^CSNR:", ignored},
    {"^CONNECT", ignored},
    {"^CSCHANNELINFO:", ignored},
    {"+ZUSIMR:", ignored},  // ZTE repeats it every two seconds
    {"+ZDONR:", ignored},
    {"+ZPASR:", ignored},
    {"+ZPSTM:", ignored},
    {"+ZEND", ignored},
    {"+PACSP", ignored},
    {"*E2NAP:", ignored},
    {"*ERINFO:", ignored},
    {"*EMWI:", ignored},
    {"+PBREADY", ignored},
    {"+UUPSDA:", ignored},
    {"+UMWI:", ignored},
    {"+UCALLSTAT:", ignored},
    {"+UUDTMFD:", ignored},
    {"%NWSTATE:", ignored},
    {"%IPDPACT:", ignored},
    {"%STATCM:", ignored},
    {"%NOTIFYEV:", ignored},
    {"%PCOINFO:", ignored},
    {"+WAP_PUSH_MMS:", ignored},
};

bool matches(std::string_view line, const Row& row) {
  std::size_t at = 0;
  for (char c : line) {
    if (c == ' ') continue;
    if (at == row.text.size()) return !row.whole;
    if (c != row.text[at++]) return false;
  }
  return at == row.text.size();
}

}  // namespace

std::optional<UrcKind> urc_kind(std::string_view line) {
  for (const Row& row : kRows)
    if (matches(line, row)) return row.kind;
  return std::nullopt;
}

bool has_data_line(UrcKind kind) {
  return kind == routed_message || kind == routed_report || kind == routed_broadcast;
}

}  // namespace at
