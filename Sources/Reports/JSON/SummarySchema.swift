/// The JSON Schema (2020-12) of `fieldproof/summary/v1`, as it is published beside the documentation of `Aggregation`.
package enum SummarySchema {
    /// The whole document, a final line feed included.
    package static var text: String { String(decoding: PackageResources.summary_v1_schema_json, as: UTF8.self) }
}
