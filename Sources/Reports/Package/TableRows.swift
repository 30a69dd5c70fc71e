/// A table in the making: columns with what each takes from an item, then the items.
struct TableRows<Item> {
    private var columns: [(column: Table.Column, text: (Item) -> String)] = []

    mutating func text(_ column: Table.Column, _ text: @escaping (Item) -> String?) {
        columns.append((column, { CSVField.inert(text($0) ?? "") }))
    }

    /// What is written as it is: a number, a time, a word of this program's own.
    mutating func plain(_ column: Table.Column, _ text: @escaping (Item) -> String?) {
        columns.append((column, { text($0) ?? "" }))
    }

    /// The shortest digits that read back as the same double; empty for what is no finite number.
    mutating func number(_ column: Table.Column, _ number: @escaping (Item) -> Double?) {
        columns.append((column, { number($0).flatMap { $0.isFinite ? "\($0)" : nil } ?? "" }))
    }

    mutating func count(_ column: Table.Column, _ count: @escaping (Item) -> (some BinaryInteger)?) {
        columns.append((column, { count($0).map { String($0) } ?? "" }))
    }

    func table(
        _ name: String, title: String, _ description: String, primaryKey: [String],
        references: [Table.Reference] = [], _ items: some Sequence<Item>
    ) -> Table {
        var csv = CSVField.row(columns.map(\.column.name))
        for item in items { csv += CSVField.row(columns.map { $0.text(item) }) }
        return Table(
            name: name, title: title, description: description, columns: columns.map(\.column), primaryKey: primaryKey,
            references: references, csv: csv)
    }
}
