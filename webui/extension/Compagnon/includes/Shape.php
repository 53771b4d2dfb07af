<?php

namespace MediaWiki\Extension\Compagnon;

/**
 * Reads the service's answers field by field: what is not named here goes nowhere, what has a wrong type ends it.
 */
class Shape {

	/**
	 * A list of objects, each read by itself.
	 *
	 * @param array $data
	 * @param string $field
	 * @param int $most So many are read
	 * @param callable $read Takes one decoded object, returns an array
	 * @return array[]
	 */
	public static function listOf( array $data, string $field, int $most, callable $read ): array {
		$items = $data[$field] ?? null;
		if ( !is_array( $items ) || array_values( $items ) !== $items ) {
			throw self::wrong( $field );
		}
		$found = [];
		foreach ( array_slice( $items, 0, $most ) as $item ) {
			if ( !is_array( $item ) ) {
				throw self::wrong( $field );
			}
			$found[] = $read( $item );
		}
		return $found;
	}

	/**
	 * A text that is there; what is longer is cut.
	 *
	 * @param array $data
	 * @param string|int $field
	 * @param int $most Characters
	 * @return string
	 */
	public static function text( array $data, $field, int $most ): string {
		$text = $data[$field] ?? null;
		if ( !is_string( $text ) ) {
			throw self::wrong( $field );
		}
		return mb_substr( $text, 0, $most );
	}

	/**
	 * A text, or null.
	 *
	 * @param array $data
	 * @param string $field
	 * @param int $most Characters
	 * @return string|null
	 */
	public static function optionalText( array $data, string $field, int $most ): ?string {
		return ( $data[$field] ?? null ) === null ? null : self::text( $data, $field, $most );
	}

	/**
	 * A whole number that is not negative.
	 *
	 * @param array $data
	 * @param string $field
	 * @param int $least
	 * @return int
	 */
	public static function number( array $data, string $field, int $least = 0 ): int {
		$number = $data[$field] ?? null;
		if ( !is_int( $number ) || $number < $least ) {
			throw self::wrong( $field );
		}
		return $number;
	}

	/**
	 * How likely something is, 0 to 1.
	 *
	 * @param array $data
	 * @param string $field
	 * @return float
	 */
	public static function score( array $data, string $field ): float {
		$score = $data[$field] ?? null;
		if ( ( !is_int( $score ) && !is_float( $score ) ) || $score < 0 || $score > 1 ) {
			throw self::wrong( $field );
		}
		return (float)$score;
	}

	/**
	 * Yes or no.
	 *
	 * @param array $data
	 * @param string|int $field
	 * @return bool
	 */
	public static function flag( array $data, $field ): bool {
		$flag = $data[$field] ?? null;
		if ( !is_bool( $flag ) ) {
			throw self::wrong( $field );
		}
		return $flag;
	}

	/**
	 * @param string|int $field
	 * @return ServiceAwayException
	 */
	public static function wrong( $field ): ServiceAwayException {
		return new ServiceAwayException( "the field $field of its answer is missing or wrong" );
	}
}
