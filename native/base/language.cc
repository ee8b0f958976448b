#include "base/language.h"

#include <algorithm>
#include <array>

namespace streamgear {
namespace {

/// ISO 639-1, ISO 639-2/T, and ISO 639-2/B where that is another ("" = the same).
struct Language {
  std::string_view two;
  std::string_view three;
  std::string_view bibliographic;
};

constexpr std::array<Language, 184> kLanguages{{
    {"aa", "aar", ""},    {"ab", "abk", ""},    {"ae", "ave", ""},    {"af", "afr", ""},
    {"ak", "aka", ""},    {"am", "amh", ""},    {"an", "arg", ""},    {"ar", "ara", ""},
    {"as", "asm", ""},    {"av", "ava", ""},    {"ay", "aym", ""},    {"az", "aze", ""},
    {"ba", "bak", ""},    {"be", "bel", ""},    {"bg", "bul", ""},    {"bh", "bih", ""},
    {"bi", "bis", ""},    {"bm", "bam", ""},    {"bn", "ben", ""},    {"bo", "bod", "tib"},
    {"br", "bre", ""},    {"bs", "bos", ""},    {"ca", "cat", ""},    {"ce", "che", ""},
    {"ch", "cha", ""},    {"co", "cos", ""},    {"cr", "cre", ""},    {"cs", "ces", "cze"},
    {"cu", "chu", ""},    {"cv", "chv", ""},    {"cy", "cym", "wel"}, {"da", "dan", ""},
    {"de", "deu", "ger"}, {"dv", "div", ""},    {"dz", "dzo", ""},    {"ee", "ewe", ""},
    {"el", "ell", "gre"}, {"en", "eng", ""},    {"eo", "epo", ""},    {"es", "spa", ""},
    {"et", "est", ""},    {"eu", "eus", "baq"}, {"fa", "fas", "per"}, {"ff", "ful", ""},
    {"fi", "fin", ""},    {"fj", "fij", ""},    {"fo", "fao", ""},    {"fr", "fra", "fre"},
    {"fy", "fry", ""},    {"ga", "gle", ""},    {"gd", "gla", ""},    {"gl", "glg", ""},
    {"gn", "grn", ""},    {"gu", "guj", ""},    {"gv", "glv", ""},    {"ha", "hau", ""},
    {"he", "heb", ""},    {"hi", "hin", ""},    {"ho", "hmo", ""},    {"hr", "hrv", ""},
    {"ht", "hat", ""},    {"hu", "hun", ""},    {"hy", "hye", "arm"}, {"hz", "her", ""},
    {"ia", "ina", ""},    {"id", "ind", ""},    {"ie", "ile", ""},    {"ig", "ibo", ""},
    {"ii", "iii", ""},    {"ik", "ipk", ""},    {"io", "ido", ""},    {"is", "isl", "ice"},
    {"it", "ita", ""},    {"iu", "iku", ""},    {"ja", "jpn", ""},    {"jv", "jav", ""},
    {"ka", "kat", "geo"}, {"kg", "kon", ""},    {"ki", "kik", ""},    {"kj", "kua", ""},
    {"kk", "kaz", ""},    {"kl", "kal", ""},    {"km", "khm", ""},    {"kn", "kan", ""},
    {"ko", "kor", ""},    {"kr", "kau", ""},    {"ks", "kas", ""},    {"ku", "kur", ""},
    {"kv", "kom", ""},    {"kw", "cor", ""},    {"ky", "kir", ""},    {"la", "lat", ""},
    {"lb", "ltz", ""},    {"lg", "lug", ""},    {"li", "lim", ""},    {"ln", "lin", ""},
    {"lo", "lao", ""},    {"lt", "lit", ""},    {"lu", "lub", ""},    {"lv", "lav", ""},
    {"mg", "mlg", ""},    {"mh", "mah", ""},    {"mi", "mri", "mao"}, {"mk", "mkd", "mac"},
    {"ml", "mal", ""},    {"mn", "mon", ""},    {"mr", "mar", ""},    {"ms", "msa", "may"},
    {"mt", "mlt", ""},    {"my", "mya", "bur"}, {"na", "nau", ""},    {"nb", "nob", ""},
    {"nd", "nde", ""},    {"ne", "nep", ""},    {"ng", "ndo", ""},    {"nl", "nld", "dut"},
    {"nn", "nno", ""},    {"no", "nor", ""},    {"nr", "nbl", ""},    {"nv", "nav", ""},
    {"ny", "nya", ""},    {"oc", "oci", ""},    {"oj", "oji", ""},    {"om", "orm", ""},
    {"or", "ori", ""},    {"os", "oss", ""},    {"pa", "pan", ""},    {"pi", "pli", ""},
    {"pl", "pol", ""},    {"ps", "pus", ""},    {"pt", "por", ""},    {"qu", "que", ""},
    {"rm", "roh", ""},    {"rn", "run", ""},    {"ro", "ron", "rum"}, {"ru", "rus", ""},
    {"rw", "kin", ""},    {"sa", "san", ""},    {"sc", "srd", ""},    {"sd", "snd", ""},
    {"se", "sme", ""},    {"sg", "sag", ""},    {"si", "sin", ""},    {"sk", "slk", "slo"},
    {"sl", "slv", ""},    {"sm", "smo", ""},    {"sn", "sna", ""},    {"so", "som", ""},
    {"sq", "sqi", "alb"}, {"sr", "srp", ""},    {"ss", "ssw", ""},    {"st", "sot", ""},
    {"su", "sun", ""},    {"sv", "swe", ""},    {"sw", "swa", ""},    {"ta", "tam", ""},
    {"te", "tel", ""},    {"tg", "tgk", ""},    {"th", "tha", ""},    {"ti", "tir", ""},
    {"tk", "tuk", ""},    {"tl", "tgl", ""},    {"tn", "tsn", ""},    {"to", "ton", ""},
    {"tr", "tur", ""},    {"ts", "tso", ""},    {"tt", "tat", ""},    {"tw", "twi", ""},
    {"ty", "tah", ""},    {"ug", "uig", ""},    {"uk", "ukr", ""},    {"ur", "urd", ""},
    {"uz", "uzb", ""},    {"ve", "ven", ""},    {"vi", "vie", ""},    {"vo", "vol", ""},
    {"wa", "wln", ""},    {"wo", "wol", ""},    {"xh", "xho", ""},    {"yi", "yid", ""},
    {"yo", "yor", ""},    {"za", "zha", ""},    {"zh", "zho", "chi"}, {"zu", "zul", ""},
}};

constexpr std::string_view kUndetermined = "und";

/// The primary subtag in lower case: "en" of "en-US".
std::string PrimaryOf(std::string_view tag) {
  std::string primary(tag.substr(0, tag.find_first_of("-_")));
  std::ranges::transform(primary, primary.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return primary;
}

const Language* Find(std::string_view primary) {
  const auto* found = std::ranges::find_if(kLanguages, [primary](const Language& language) {
    return language.two == primary || language.three == primary ||
           (!language.bibliographic.empty() && language.bibliographic == primary);
  });
  return found == kLanguages.end() ? nullptr : found;
}

}  // namespace

std::string LanguageTag(std::string_view tag) {
  const std::string primary = PrimaryOf(tag);
  if (primary.empty() || primary == kUndetermined) return "";
  std::string rest(tag.substr(primary.size()));
  std::ranges::replace(rest, '_', '-');
  const Language* language = Find(primary);
  return (language == nullptr ? primary : std::string(language->two)) + rest;
}

std::string LanguageCode(std::string_view tag) {
  const std::string primary = PrimaryOf(tag);
  if (const Language* language = Find(primary)) return std::string(language->three);
  return std::string(primary.size() == 3 ? primary : kUndetermined);
}

}  // namespace streamgear
