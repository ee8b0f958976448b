#include "base/language.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

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

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlphanumeric(char c) { return IsLetter(c) || IsDigit(c); }

/// Subtags of a tag, read from its begin: the grammar of RFC 5646, section 2.1.
class Subtags {
 public:
  explicit Subtags(std::string_view tag) {
    for (;;) {
      const std::size_t end = std::min(tag.find('-'), tag.size());
      subtags_.push_back(tag.substr(0, end));
      if (end == tag.size()) return;
      tag.remove_prefix(end + 1);
    }
  }

  [[nodiscard]] bool AtEnd() const { return next_ == subtags_.size(); }

  /// Takes the next subtag if it has so many characters, all of a kind.
  bool Take(std::size_t least, std::size_t most, bool (*is_of_kind)(char)) {
    if (AtEnd()) return false;
    const std::string_view subtag = subtags_[next_];
    const bool fits =
        subtag.size() >= least && subtag.size() <= most && std::ranges::all_of(subtag, is_of_kind);
    if (fits) ++next_;
    return fits;
  }

  /// A language with its extensions. Four letters are reserved, and i-klingon and its like
  /// obsolete.
  bool TakeLanguage() {
    if (Take(5, 8, IsLetter)) return true;
    if (!Take(2, 3, IsLetter)) return false;
    for (int i = 0; i < 3 && Take(3, 3, IsLetter);) ++i;
    return true;
  }

  void TakeVariants() {
    const auto is_short = [this] {  // a year, "1996"
      return !AtEnd() && subtags_[next_].size() == 4 && IsDigit(subtags_[next_].front());
    };
    while (Take(5, 8, IsAlphanumeric) || (is_short() && Take(4, 4, IsAlphanumeric))) continue;
  }

  /// False when something in them is wrong. No singleton comes twice.
  bool TakeExtensions() {
    std::string singletons;
    while (!AtEnd() && !IsPrivate() && Take(1, 1, IsAlphanumeric)) {
      const char singleton = Lower(subtags_[next_ - 1].front());
      if (singletons.find(singleton) != std::string::npos) return false;
      singletons += singleton;
      if (!Take(2, 8, IsAlphanumeric)) return false;
      while (Take(2, 8, IsAlphanumeric)) continue;
    }
    return true;
  }

  /// "x-" and more; nothing at all is fine.
  bool TakePrivate() {
    if (AtEnd()) return true;
    if (!IsPrivate()) return false;
    ++next_;
    if (!Take(1, 8, IsAlphanumeric)) return false;
    while (Take(1, 8, IsAlphanumeric)) continue;
    return true;
  }

  static char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

 private:
  [[nodiscard]] bool IsPrivate() const { return subtags_[next_] == "x" || subtags_[next_] == "X"; }

  std::vector<std::string_view> subtags_;
  std::size_t next_ = 0;
};

bool IsWellFormed(std::string_view tag) {
  Subtags subtags(tag);
  if (subtags.TakeLanguage()) {
    subtags.Take(4, 4, IsLetter);                                    // script
    if (!subtags.Take(2, 2, IsLetter)) subtags.Take(3, 3, IsDigit);  // region
    subtags.TakeVariants();
    if (!subtags.TakeExtensions()) return false;
  }
  return subtags.TakePrivate() && subtags.AtEnd();
}

/// The primary subtag in lower case: "en" of "en-US".
std::string PrimaryOf(std::string_view tag) {
  std::string primary(tag.substr(0, tag.find_first_of("-_")));
  std::ranges::transform(primary, primary.begin(), Subtags::Lower);
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
  const std::string shortest = language == nullptr ? primary : std::string(language->two);
  if (IsWellFormed(shortest + rest)) return shortest + rest;
  return language == nullptr ? "" : shortest;
}

std::string LanguageCode(std::string_view tag) {
  const std::string primary = PrimaryOf(tag);
  if (const Language* language = Find(primary)) return std::string(language->three);
  const bool is_code = primary.size() == 3 && std::ranges::all_of(primary, IsLetter);
  return std::string(is_code ? primary : kUndetermined);
}

}  // namespace streamgear
