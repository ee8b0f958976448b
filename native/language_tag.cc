#include "language_tag.h"

#include <cctype>
#include <string_view>

namespace streamgear {
namespace {

/// ISO 639-2, both of its sets, and what the Unicode CLDR counts to the same languages: three
/// letters, then the two of ISO 639-1.
constexpr std::string_view kShort =
    "aaraa abkab adpdz afraf akaak albsq alssq amham araar arbar argan armhy asmas avaav aveae "
    "aymay ayray azeaz azjaz bakba bambm baqeu belbe benbn bisbi bodbo bosbs brebr bulbg burmy "
    "catca cescs chach chece chizh chucu chvcv clssa cmnzh corkw cosco crecr cwdcr cymcy czecs "
    "danda deude divdv drhmn dutnl dzodz ekket ellel engen epoeo eskik estet euseu eweee faofo "
    "fasfa fatak fijfj finfi frafr frefr fryfy fucff fulff gazom geoka gerde glagd glega glggl "
    "glvgv greel grngn guggn gujgu hatht hauha hebhe herhz hinhi hmoho hrvhr hunhu hyehy iboig "
    "iceis idoio iiiii ikeiu ikuiu ileie inaia indid ipkik islis itait javjv jawjv jpnja kalkl "
    "kankn kasks katka kaukr kazkk khkmn khmkm kikki kinrw kirky kmrku knckr kngkg komkv konkg "
    "korko kpvkv kuakj kurku laolo latla lavlv limli linln litlt ltzlb lublu luglg lvslv macmk "
    "mahmh malml maomi marmr mayms mkdmk mlgmg mltmt molro monmn mrimi msams myamy nauna navnv "
    "nblnr ndend ndong nepne nldnl nnonn nobnb norno npine nyany ocioc ojgoj ojioj orior ormom "
    "oryor ossos panpa pbups perfa pesfa plipi pltmg polpl porpt prpgu pusps quequ quzqu rohrm "
    "ronro rumro runrn rusru sagsg sansa sccsr scrhr sinsi slksk slosk slvsl smese smosm snasn "
    "sndsd somso sotst spaes sqisq srcsc srdsc srpsr sswss sunsu swasw swesv swhsw tahty tamta "
    "tattt telte tgktg thath tibbo tirti tonto tsntn tsots tuktk turtr twiak uigug ukruk urdur "
    "uzbuz uznuz venve vievi volvo welcy wlnwa wolwo xhoxh yddyi yidyi yoryo zhaza zhozh zsmms "
    "zulzu zybza ";

constexpr std::size_t kEntry = 6;

std::string ToLower(std::string text) {
  for (char& letter : text) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return text;
}

/// Letters, digits and hyphens: what a manifest can hold.
bool IsTag(std::string_view tag) {
  for (const char letter : tag) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0 && letter != '-') return false;
  }
  return !tag.empty();
}

}  // namespace

std::string LanguageTag(const std::string& tag) {
  if (!IsTag(tag)) return "";
  if (tag.size() != 3) return tag;
  const std::string code = ToLower(tag);
  if (code == "und") return "";
  for (std::size_t i = 0; i + kEntry <= kShort.size(); i += kEntry) {
    if (kShort.substr(i, 3) == code) return std::string(kShort.substr(i + 3, 2));
  }
  return code;
}

}  // namespace streamgear
