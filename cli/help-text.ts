/** What the help says after the lists of commands and options: how to begin. */

export const PROGRAM_HELP = `Begin with:
  gantry run --demo              make a test film, encode it, say how to play it
  gantry run film.mp4            encode a file of yours
  gantry run --help              more examples
`

export const RUN_HELP = `Examples:
  gantry run --demo              make a test film and encode it
  gantry run film.mp4            publish film.mp4 as gantry-out/<name>/master.m3u8
  gantry run day1/ day2/*.mov    all media in a folder, and some files
  gantry run film.mp4 --ladder ./my-ladder.yaml --out /srv/video
  gantry run --inbox ~/Upload    encode whatever is put into the folder
  gantry run film.mp4 --request wish.yaml
  gantry run film.mp4 --json | jq .type

A master that was published before is not encoded again; one that was interrupted goes on where it was.
Exit codes: 0 all published, 1 something failed, 2 the command line is not understood.
`

export const PLAN_HELP = `Examples:
  gantry plan film.mp4                    with the built-in ladder
  gantry plan film.mp4 --ladder hevc      with another one
  gantry plan film.mp4 --json | jq .cost

The figures are forecasts; docs/costs.md says where they come from and how to give prices of your own.
Exit codes: 0 it can be encoded, 1 it would be refused, 2 the command line is not understood.
`

export const STATUS_HELP = `Examples:
  gantry status                           every asset, a line each
  gantry status lqxk6odwgf                all runs of one, with what failed
  gantry status --json | jq 'select(.isOpen)'

Exit codes: 0 all is told, 1 an asset is not known or the state cannot be read, 2 the command line is not understood.
`

export const VERIFY_HELP = `Examples:
  gantry verify gantry-out/film-lqxk6odwgf      an asset of Gantry
  gantry verify hls/index.m3u8 --deep           one of another packager, every byte of it decoded
  gantry verify s3://media/films/film-lqxk6odwgf
  gantry verify https://cdn.example.com/film/master.m3u8
  gantry verify film/manifest.mpd               the MPD alone
  gantry verify gantry-out/film --json | jq '.findings[].rule'

docs/verify.md has all rules.
Exit codes: 0 nothing or notes, 1 errors, or it cannot be read, 2 the command line is not understood, 3 warnings only.
`

export const ROUTES_HELP = `Examples:
  gantry routes check routes.yaml
  gantry routes test routes.yaml --bucket masters --key films/a.mov --tag kind=film
  gantry routes schema > routes.schema.json

Exit codes: 0 all is well, 1 a file is wrong or cannot be read, 2 the command line is not understood.
`

export const LADDERS_HELP = `Examples:
  gantry ladders list                     the built-in ladders
  gantry ladders show default > my.yaml   begin a ladder of your own
  gantry ladders check my.yaml            say what is wrong with it
  gantry ladders schema > schema.json     let your editor complete and check ladders

Exit codes: 0 all is well, 1 a ladder is wrong or not found, 2 the command line is not understood.
`
