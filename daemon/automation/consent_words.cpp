// The words by which people end and begin to be written to, by language. What stands here is what operators' guides and
// regulators name, in the form that people send by itself. A word that people also send as an answer ("yes", "no", "ok")
// stands nowhere: it would end or begin what nobody meant.
#include "daemon/automation/consent.h"

namespace klaxon {

namespace {

using Words = std::string_view;

// en: the six that every operator of North America asks for, and those that its regulator counts as plain words.
constexpr Words kEnStop[] = {"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "OPT OUT", "OPT-OUT", "REVOKE"};
constexpr Words kEnStart[] = {"START", "UNSTOP"};
constexpr Words kDeStop[] = {"STOPP", "ABMELDEN", "ABBESTELLEN", "ENDE"};
constexpr Words kDeStart[] = {"ANMELDEN"};
constexpr Words kFrStop[] = {"ARRET", "ARRÊT", "ARRETER", "ARRÊTER", "DESABONNER", "DÉSABONNER", "DESINSCRIRE", "DÉSINSCRIRE"};
constexpr Words kFrStart[] = {"REPRENDRE"};
constexpr Words kEsStop[] = {"BAJA", "ALTO", "PARAR", "CANCELAR"};
constexpr Words kEsStart[] = {"ALTA"};
constexpr Words kItStop[] = {"DISISCRIVI", "DISISCRIVIMI", "CANCELLAMI", "BASTA"};
constexpr Words kItStart[] = {"ISCRIVIMI"};
constexpr Words kPtStop[] = {"PARAR", "SAIR", "CANCELAR", "REMOVER"};
constexpr Words kPtStart[] = {"INICIAR"};
constexpr Words kNlStop[] = {"STOPPEN", "AFMELDEN", "UITSCHRIJVEN"};
constexpr Words kNlStart[] = {"AANMELDEN"};
constexpr Words kDaStop[] = {"AFMELD", "FRAMELD"};
constexpr Words kDaStart[] = {"TILMELD"};
constexpr Words kNbStop[] = {"STOPP", "AVSLUTT"};
constexpr Words kSvStop[] = {"STOPP", "AVSLUTA"};
constexpr Words kFiStop[] = {"LOPETA", "SEIS"};
constexpr Words kPlStop[] = {"WYPISZ", "REZYGNUJE", "REZYGNUJĘ", "KONIEC"};
constexpr Words kPlStart[] = {"ZAPISZ"};
constexpr Words kCsStop[] = {"ODHLASIT", "ODHLÁSIT", "KONEC"};
constexpr Words kCsStart[] = {"PRIHLASIT", "PŘIHLÁSIT"};
constexpr Words kTrStop[] = {"DUR", "IPTAL", "RET", "ÇIK"};
constexpr Words kTrStart[] = {"BAŞLA", "BASLA"};
constexpr Words kElStop[] = {"ΣΤΟΠ", "ΔΙΑΚΟΠΗ", "διακοπή"};
constexpr Words kElStart[] = {"ΕΝΑΡΞΗ", "έναρξη"};
constexpr Words kRuStop[] = {"СТОП", "ОТПИСАТЬСЯ", "ОТПИСКА"};
constexpr Words kRuStart[] = {"СТАРТ"};
constexpr Words kUkStop[] = {"СТОП", "ВІДПИСАТИСЯ", "ВІДПИСКА"};
constexpr Words kArStop[] = {"إلغاء", "الغاء", "إيقاف", "ايقاف"};
constexpr Words kHeStop[] = {"הסר", "הסרה"};
constexpr Words kZhStop[] = {"退订", "退訂", "TD"};
constexpr Words kJaStop[] = {"停止", "配信停止"};

constexpr ConsentWords kTable[] = {
    {"en", kEnStop, kEnStart}, {"de", kDeStop, kDeStart}, {"fr", kFrStop, kFrStart}, {"es", kEsStop, kEsStart},
    {"it", kItStop, kItStart}, {"pt", kPtStop, kPtStart}, {"nl", kNlStop, kNlStart}, {"da", kDaStop, kDaStart},
    {"nb", kNbStop, {}},       {"sv", kSvStop, {}},       {"fi", kFiStop, {}},       {"pl", kPlStop, kPlStart},
    {"cs", kCsStop, kCsStart}, {"tr", kTrStop, kTrStart}, {"el", kElStop, kElStart}, {"ru", kRuStop, kRuStart},
    {"uk", kUkStop, {}},       {"ar", kArStop, {}},       {"he", kHeStop, {}},       {"zh", kZhStop, {}},
    {"ja", kJaStop, {}},
};

}  // namespace

std::span<const ConsentWords> consent_words() { return kTable; }

}  // namespace klaxon
