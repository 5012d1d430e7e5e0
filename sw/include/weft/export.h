/** @file
 * What libweft exports. */
#ifndef WEFT_EXPORT_H
#define WEFT_EXPORT_H

/** Stands before everything that libweft exports; all else in it is hidden. */
#if defined(__GNUC__)
#define WEFT_API __attribute__((visibility("default")))
#else
#define WEFT_API
#endif

#endif
