#ifndef QUAVER_VERSION_H_
#define QUAVER_VERSION_H_

/* Of these headers; quaver_version() is that of the library. */
#define QUAVER_VERSION "0.1.0"

#endif /* QUAVER_VERSION_H_ */
