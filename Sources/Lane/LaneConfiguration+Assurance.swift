public import Assurance
import Documents
public import Evidence
import Instruments
import Messages
public import Metrology
import Procedures
public import Standards

extension LaneConfiguration {
    /// What the lane file says about quality assurance (质量保证).
    public struct Assurance: Sendable {
        /// Which checks, how often, and the other conditions.
        public let rules: AssuranceRules
        /// The station's reference materials.
        public let references: ReferenceRegistry
        /// The keys that are enrolled as the authority's; nil if the lane takes no orders.
        public let authority: TrustFile?
        /// The propane-to-hexane factor on the analyzer's plate; nil where the analyzer reports it.
        public let propaneEquivalence: RoundedDecimal?
        /// What the dynamometer is built for.
        public let dynamometer: DynamometerClass
        /// The paths of the files that the section names: the registry, and the authority's keys if there are any.
        public let files: [String]
    }

    static func readAssurance(
        _ group: MappingReader, _ nested: inout [Problem], _ resolve: (String) -> String
    ) -> Assurance? {
        let referencesPath = group.text("references")
        let authorityPath = group.optional("authority-keys", group.text)
        let equivalence = group.optional("propane-equivalence") { key in
            group.number(key, in: 0.4...0.6).flatMap { _ in group.decimal(key).flatMap { RoundedDecimal($0) } }
        }
        let dynamometer: DynamometerClass? = group.optional("dynamometer") { group.choice($0) }
        var rules: AssuranceRules?
        var references: ReferenceRegistry?
        do throws(Problems) {
            rules = try AssuranceRules.builtIn()
            if let referencesPath {
                references = try ReferenceRegistry(document: Document(contentsOf: resolve(referencesPath)))
            }
        } catch {
            nested += error.all
        }
        var authority: TrustFile?
        if let authorityPath {
            do throws(TrustFileError) { authority = try TrustFile(contentsOf: resolve(authorityPath)) } catch {
                group.report(error.message, at: "authority-keys")
                return nil
            }
        }
        guard let rules, let references else { return nil }
        return Assurance(
            rules: rules, references: references, authority: authority, propaneEquivalence: equivalence,
            dynamometer: dynamometer ?? .light,
            files: [referencesPath, authorityPath].compactMap { $0 }.map(resolve))
    }

    /// What the lane is made of, legally: each part by its name.
    func parts(_ software: SoftwareIdentity) -> [String: String] {
        var parts = [
            "software.version": software.version, "software.executable": software.executable.description,
            "software.simulation": "\(software.isSimulationBuild)", "lane": lane, "station": station,
        ]
        for entry in instruments {
            let place = "instrument.\(entry.role.rawValue)"
            parts["\(place).model"] = entry.profile.model
            parts["\(place).serial"] = entry.serial
            parts["\(place).profile"] = Digest(of: entry.profile.bytes).description
        }
        for (method, packs) in packs {
            parts["pack.\(method.rawValue).limits"] = Digest(of: packs.limits.bytes).description
            parts["pack.\(method.rawValue).requirements"] = Digest(of: packs.requirements.bytes).description
        }
        let loss = parameters.parasiticLoss
        parts["parameter.parasitic-loss"] = "\(loss.quadratic) \(loss.linear) \(loss.constant)"
        parts["parameter.base-inertia"] = parameters.baseInertia.map { "\($0.value)" }
        parts["parameter.analyzer-delay"] = parameters.analyzerDelay.map { "\($0.nanoseconds)" }
        parts["parameter.flow-meter-delay"] = parameters.flowMeterDelay.map { "\($0.nanoseconds)" }
        parts["delivery.rules"] = delivery.rules.map { Digest(of: $0.bytes).description }
        if let assurance {
            parts["assurance.rules"] = Digest(of: assurance.rules.bytes).description
            let checks = try? CheckPackLibrary.document(assurance.rules.checkPack)
            parts["assurance.checks"] = checks.map { Digest(of: $0.bytes).description }
            parts["assurance.dynamometer"] = assurance.dynamometer.rawValue
            parts["assurance.propane-equivalence"] = assurance.propaneEquivalence?.description
            for key in assurance.authority?.keys ?? [] { parts["authority.\(key.id)"] = key.lane }
        }
        return parts
    }
}
