#!/bin/sh
# compile.sh CCACHE COMPILER ARGUMENT...: compiles by way of ccache. An old precompiled header goes
# first: the preprocessor would read it in place of the header that is to be compiled, and ccache
# would take what it made of an old header once for what it is to make of the new one.
for argument; do
  case $argument in
  *.gch) rm -f "$argument" ;;
  esac
done
exec "$@"
