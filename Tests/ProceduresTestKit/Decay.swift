/// e to the minus x, near enough for a bench and the same everywhere.
func decay(_ x: Double) -> Double {
    guard x < 40 else { return 0 }
    var (term, sum) = (1.0, 1.0)
    let reduced = x / 32
    for index in 1..<12 {
        term *= -reduced / Double(index)
        sum += term
    }
    var power = sum
    for _ in 0..<5 { power *= power }
    return power
}
