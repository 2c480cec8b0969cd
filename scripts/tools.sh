# What scripts/setup installs and the other scripts look for; to be sourced from the root of the checkout.
tools=.tools
node_at_least=18
PATH=$PWD/$tools/bin:$PATH

has_tool() {
    command -v "$1" >/dev/null
}

has_node() {
    has_tool node && (($(node --print 'process.versions.node.split(".")[0]') >= node_at_least))
}

has_npm() {
    has_tool npm
}

# As findChromium of tests/browser/browser.mjs; one that is named is never installed.
has_chromium() {
    [[ -n ${PODREPLAY_CHROMIUM:-} ]] || command -v chromium chromium-browser google-chrome >/dev/null
}
