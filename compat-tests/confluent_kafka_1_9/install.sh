#!/bin/sh
# confluent-kafka 1.9.2 has no wheel for this Python, so it is built, over the librdkafka of its time:
# the sources come with a crate. $1 is the virtual environment.
set -eu
here=$(dirname "$0")
cp "$here/Cargo.toml" "$here/Cargo.lock" "$1"
touch "$1/lib.rs"
cargo vendor --quiet --locked --manifest-path "$1/Cargo.toml" "$1/vendor" > /dev/null
cmake -S "$1/vendor/rdkafka-sys/librdkafka" -B "$1/build" -DCMAKE_INSTALL_PREFIX="$1" \
  -DCMAKE_INSTALL_LIBDIR=lib -DRDKAFKA_BUILD_EXAMPLES=OFF -DRDKAFKA_BUILD_TESTS=OFF \
  -DWITH_SSL=OFF -DWITH_CURL=OFF -DWITH_SASL=OFF -DWITH_ZSTD=ON
cmake --build "$1/build" -j 2
cmake --install "$1/build"
export C_INCLUDE_PATH="$1/include" LIBRARY_PATH="$1/lib" LDFLAGS="-Wl,-rpath,$1/lib"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
