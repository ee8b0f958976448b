{
  'variables': {
    # By the names of pkg-config: FFmpeg, and Highway for the pixel loops.
    'native_libs': 'libavdevice libavfilter libavformat libavcodec libswscale libswresample libavutil libhwy',
    # @electron/rebuild sets it to 1.
    'built_with_electron%': 0,
  },
  'targets': [
    {
      'target_name': 'streamgear',
      'sources': [
        '<!@(node -p "const list = require(\'./native/sources.json\'); [...list.core, ...list.addon].map((name) => \'native/\' + name).join(\' \')")',
      ],
      'include_dirs': [
        # Includes are written from here.
        'native',
        '<!(node -p "require(\'node-addon-api\').include_dir")',
      ],
      'defines': [
        'NAPI_VERSION=8',
        'NAPI_DISABLE_CPP_EXCEPTIONS',
        # A worker may be terminated in the middle of a call: then nothing can be thrown any more, and
        # node-addon-api would end the process.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      # Node's own flags are C++17 without exceptions. Ours are C++20 with them: we throw nothing, but
      # the standard library may (threads, memory), and Worker turns that into a Status.
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
      'cflags_cc': [
        '-std=c++20', '-Wall', '-Wextra', '-Wpedantic',
        # Designated initializers leave members out on purpose.
        '-Wno-missing-field-initializers',
        '-fvisibility-inlines-hidden',
      ],
      'cflags': ['-fvisibility=hidden'],
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
        'CLANG_CXX_LIBRARY': 'libc++',
        'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
        'GCC_ENABLE_CPP_RTTI': 'YES',
        'GCC_OPTIMIZATION_LEVEL': '3',
        'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
        'MACOSX_DEPLOYMENT_TARGET': '13.3',
        'WARNING_CFLAGS': ['-Wall', '-Wextra', '-Wpedantic', '-Wno-missing-field-initializers'],
      },
      'msvs_settings': {
        'VCCLCompilerTool': {
          'AdditionalOptions': ['/std:c++20', '/Zc:__cplusplus'],
          'ExceptionHandling': 1,
          'WarningLevel': 4,
        },
      },
      'conditions': [
        ['built_with_electron==1', {
          'defines': ['STREAMGEAR_ELECTRON'],
        }],
        ['OS=="linux"', {
          # GCC 12 sees overlaps in std::string that are not there (GCC bug 105651).
          'cflags_cc': ['-Wno-restrict'],
        }],
        ['OS=="win"', {
          # MSVC has no pkg-config: STREAMGEAR_FFMPEG_DIR is a folder with include/ and lib/, which
          # hold what is libcurl's too.
          'defines': ['NOMINMAX', 'WIN32_LEAN_AND_MEAN'],
          'include_dirs': ['<!(node -p "process.env.STREAMGEAR_FFMPEG_DIR")/include'],
          'libraries': [
            '<!@(node -p "const dir = process.env.STREAMGEAR_FFMPEG_DIR; \'<(native_libs)\'.split(\' \').map((lib) => dir + \'/lib/\' + lib.slice(3) + \'.lib\').join(\' \')")',
            '<!(node -p "process.env.STREAMGEAR_FFMPEG_DIR")/lib/libcurl.lib',
          ],
        }, {
          'include_dirs': ['<!@(pkg-config --cflags-only-I <(native_libs) libcurl | sed s/-I//g)'],
          'libraries': ['<!@(pkg-config --libs <(native_libs) libcurl)'],
        }],
      ],
    },
  ],
}
