import ArgumentParser
@main struct LaneCommand: ParsableCommand { func run() { print("lane") } }
