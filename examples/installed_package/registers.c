/* The register level by itself: no library but libweft_core, which needs none. */
#include <stdio.h>
#include <weft/core.h>

int main(void) {
  puts(weft_core_error_text(WEFT_CORE_TIMEOUT));
  return WEFT_REG_ID_OFFSET == 0 ? 0 : 1;
}
