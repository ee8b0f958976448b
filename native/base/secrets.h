// secrets: what no message, log line or event may tell. Pure. TypeScript twin: src/base/secrets.ts;
// one table of examples, test/fixtures/secrets.tsv, holds both to the same rules.
#pragma once

#include <string>

namespace streamgear {

/// A text for people. Of URLs it lacks user and password, and the values of query and fragment are
/// "***": who signs URLs decides what the keys are called. So are, anywhere, the values of
/// "passphrase=…" and other keys that say what they are, of headers such as "Authorization: …", and
/// what follows "Bearer" or "Basic".
[[nodiscard]] std::string WithoutSecrets(const std::string& text);

}  // namespace streamgear
