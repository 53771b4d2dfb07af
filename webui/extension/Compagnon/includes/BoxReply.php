<?php

namespace MediaWiki\Extension\Compagnon;

use MediaWiki\Permissions\Authority;

/**
 * What stands in the box below a page.
 */
class BoxReply {

	private const MOST_RELATED = 5;
	private const MOST_ANSWERED = 40;

	/** @var VisiblePages */
	private $pages;

	/** @var VisiblePeople */
	private $people;

	/**
	 * @param VisiblePages $pages
	 * @param VisiblePeople $people
	 */
	public function __construct( VisiblePages $pages, VisiblePeople $people ) {
		$this->pages = $pages;
		$this->people = $people;
	}

	/**
	 * Read the service's answer. Its titles are not read: the wiki knows them better.
	 *
	 * @param array $data
	 * @return array
	 * @throws ServiceAwayException It is not what was asked for
	 */
	public static function read( array $data ): array {
		return [
			'pageid' => Shape::number( $data, 'pageid', 1 ),
			'related' => Shape::listOf( $data, 'related', self::MOST_ANSWERED, static function ( $page ) {
				return [
					'pageid' => Shape::number( $page, 'pageid', 1 ),
					'status' => Shape::optionalText( $page, 'status', 60 ),
					'sentence' => Shape::optionalText( $page, 'sentence', 600 ),
				];
			} ),
			'people' => VisiblePeople::read( $data ),
		];
	}

	/**
	 * What of it a reader may see.
	 *
	 * @param array $reply As read
	 * @param Authority $reader
	 * @return array
	 */
	public function shown( array $reply, Authority $reader ): array {
		$ids = array_merge(
			array_column( $reply['related'], 'pageid' ), VisiblePeople::pageIds( $reply['people'] )
		);
		$visible = $this->pages->find( $ids, $reader );
		$related = [];
		foreach ( $reply['related'] as $page ) {
			$title = $visible[$page['pageid']] ?? null;
			if ( $title !== null && $page['pageid'] !== $reply['pageid'] ) {
				$related[$page['pageid']] = [
					'pageid' => $page['pageid'],
					'title' => $title->getPrefixedText(),
					'status' => $page['status'],
					'sentence' => $page['sentence'],
				];
			}
		}
		return [
			'pageid' => $reply['pageid'],
			'related' => array_slice( array_values( $related ), 0, self::MOST_RELATED ),
			'people' => array_map( static function ( $person ) {
				foreach ( $person['pages'] as &$page ) {
					$page['title'] = $page['title']->getPrefixedText();
				}
				return $person;
			}, $this->people->shown( $reply['people'], $visible ) ),
		];
	}
}
